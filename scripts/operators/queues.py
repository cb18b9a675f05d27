"""How much is in a queue, what fills it, and who may."""

import json
from collections.abc import Mapping
from typing import Any

from scripts.base.failure import Failure

FIELDS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def depth(sqs: Any, url: str) -> int:
    """Messages in the queue, including those in flight."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=FIELDS)["Attributes"]
    return sum(int(attributes[name]) for name in FIELDS)


def rule_of(outputs: Mapping[str, Any], queue: str, argument: str) -> str:
    """The rule that feeds a queue: it has the queue's name.

    Raises Failure, with the name of make's argument, if there is no such queue.
    """
    queues: dict[str, str] = outputs["queue_urls"]
    if queue not in queues:
        raise Failure(f"there is no queue {queue!r}: {argument} is one of {', '.join(sorted(queues))}")
    return queues[queue].rpartition("/")[2]


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
