"""How much is in a queue, and who may fill it."""

import json
from typing import Any

FIELDS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def depth(sqs: Any, url: str) -> int:
    """Messages in the queue, including those in flight."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=FIELDS)["Attributes"]
    return sum(int(attributes[name]) for name in FIELDS)


def policy(queue: str, service: str, source: str) -> str:
    """A queue's policy (ARNs): a service such as `events` may send to it on behalf of this source alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
