"""How much is in a queue."""

from typing import Any

FIELDS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def depth(sqs: Any, url: str) -> int:
    """Messages in the queue, those that somebody works on among them."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=FIELDS)["Attributes"]
    return sum(int(attributes[name]) for name in FIELDS)
