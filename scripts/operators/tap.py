"""Receiving the events of the bus: a temporary queue and rule."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployments.target import Target
from scripts.operators.queues import policy
from services.core.events import SOURCE
from services.core.moments import parse_timestamp

PREFIX = "task-manager-tap-"
WAIT_SECONDS = 1
STALE_SECONDS = 24 * 3600
# The most that SQS allows: receiving may be slower than a long replay.
RETENTION_SECONDS = 14 * 24 * 3600
# Without a size of its pages SQS gives a thousand names, and no token for the rest.
PAGE = {"PageSize": 1000}


@dataclass(frozen=True)
class Heard:
    """An event that came by, and how old it was then."""

    detail_type: str
    detail: dict[str, Any]
    age_ms: float


class Tap:
    """All events of the bus since the tap was opened, in the order of their arrival."""

    def __init__(self, sqs: Any, queue_url: str, rule: str) -> None:
        self.rule = rule
        self._sqs = sqs
        self._queue_url = queue_url

    def listen(self) -> list[Heard]:
        """The events that have arrived; waits a second at most for the first."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_SECONDS
        )
        now = datetime.now(UTC)
        messages = answer.get("Messages", [])
        heard = []
        for message in messages:
            envelope = json.loads(message["Body"])
            detail = envelope["detail"]
            age = now - parse_timestamp(detail["occurredAt"])
            heard.append(Heard(envelope["detail-type"], detail, age.total_seconds() * 1000))
        if messages:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        return heard


@contextlib.contextmanager
def tap(target: Target) -> Iterator[Tap]:
    """A tap on the target's bus; removes what it needed when it is closed."""
    bus = target.outputs["event_bus_name"]
    events, sqs = target.client("events"), target.client("sqs")
    _remove_stale(events, sqs, bus)
    name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
    queue_url = sqs.create_queue(
        QueueName=name, Attributes={"MessageRetentionPeriod": str(RETENTION_SECONDS)}
    )["QueueUrl"]
    try:
        attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
        pattern = json.dumps({"source": [SOURCE]})
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)["RuleArn"]
        allowed = policy(attributes["QueueArn"], "events", rule)
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": allowed})
        events.put_targets(
            Rule=name, EventBusName=bus, Targets=[{"Id": "tap", "Arn": attributes["QueueArn"]}]
        )
        yield Tap(sqs, queue_url, rule)
    finally:
        _remove(events, sqs, bus, name)


def _remove_stale(events: Any, sqs: Any, bus: str) -> None:
    """Remove taps that were left behind a day ago or longer; a younger one may be in use."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=PREFIX, PaginationConfig=PAGE)
    for url in [url for page in pages for url in page.get("QueueUrls", [])]:
        with contextlib.suppress(ClientError):  # another command may be removing it too
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
            born = int(attributes["Attributes"]["CreatedTimestamp"])
            if datetime.now(UTC).timestamp() - born > STALE_SECONDS:
                _remove(events, sqs, bus, url.rpartition("/")[2])


def _remove(events: Any, sqs: Any, bus: str, name: str) -> None:
    # What is not there need not go: opening the tap may have failed half-way.
    with contextlib.suppress(ClientError):
        events.remove_targets(Rule=name, EventBusName=bus, Ids=["tap"])
    with contextlib.suppress(ClientError):
        events.delete_rule(Name=name, EventBusName=bus)
    with contextlib.suppress(ClientError):
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
