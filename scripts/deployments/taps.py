"""What listens to an environment's event bus for a while: a rule and a queue of one name."""

import contextlib
from datetime import UTC, datetime
from typing import Any

PREFIX = "task-manager-tap-"
TARGET = "tap"
STALE_SECONDS = 24 * 3600
# Without a page size SQS returns a thousand names and no token for the rest.
PAGE = {"PageSize": 1000}


def remove_tap(events: Any, sqs: Any, bus: str, name: str) -> None:
    """Remove a tap, or as much of it as there is: opening it may have been interrupted."""
    with contextlib.suppress(events.exceptions.ResourceNotFoundException):
        events.remove_targets(Rule=name, EventBusName=bus, Ids=[TARGET])
        events.delete_rule(Name=name, EventBusName=bus)
    with contextlib.suppress(sqs.exceptions.QueueDoesNotExist):
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def remove_taps(events: Any, sqs: Any, bus: str) -> list[str]:
    """Remove all taps of a bus, which EventBridge does not delete while it has rules; their names.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html
    """
    pages = events.get_paginator("list_rules").paginate(EventBusName=bus, NamePrefix=PREFIX)
    with contextlib.suppress(events.exceptions.ResourceNotFoundException):
        names = [rule["Name"] for page in pages for rule in page["Rules"]]
        for name in names:
            remove_tap(events, sqs, bus, name)
        return names
    return []


def remove_stale_taps(events: Any, sqs: Any, bus: str) -> None:
    """Remove taps that were left behind a day ago or longer; a younger one may be in use."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=PREFIX, PaginationConfig=PAGE)
    for url in [url for page in pages for url in page.get("QueueUrls", [])]:
        with contextlib.suppress(sqs.exceptions.QueueDoesNotExist):  # another command removes it too
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
            born = int(attributes["Attributes"]["CreatedTimestamp"])
            if datetime.now(UTC).timestamp() - born > STALE_SECONDS:
                remove_tap(events, sqs, bus, url.rpartition("/")[2])
