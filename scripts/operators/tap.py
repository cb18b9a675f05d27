"""Receiving the events of the bus: a temporary queue and rule."""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.deployments.taps import PREFIX, TARGET, remove_stale_taps, remove_tap
from scripts.deployments.target import Target
from scripts.operators.queues import policy
from services.core.event import SOURCE
from services.core.moments import parse_timestamp

WAIT_SECONDS = 1
# The most that SQS allows: receiving may be slower than a long replay.
RETENTION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class ReceivedEvent:
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

    def receive(self) -> list[ReceivedEvent]:
        """The events that have arrived; waits a second at most for the first."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_SECONDS
        )
        now = datetime.now(UTC)
        messages = answer.get("Messages", [])
        received = []
        for message in messages:
            envelope = json.loads(message["Body"])
            detail = envelope["detail"]
            age = now - parse_timestamp(detail["occurredAt"])
            received.append(ReceivedEvent(envelope["detail-type"], detail, age.total_seconds() * 1000))
        if messages:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        return received


@contextlib.contextmanager
def tap(target: Target, note: Callable[[str], None] = lambda _: None) -> Iterator[Tap]:
    """A tap on the target's bus; removes what it needed when it is closed.

    `note` gets its name before anything is created, so that it can be removed if this process is killed.
    """
    bus = target.outputs["event_bus_name"]
    events, sqs = target.client("events"), target.client("sqs")
    remove_stale_taps(events, sqs, bus)
    name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
    note(name)
    try:
        queue_url = sqs.create_queue(
            QueueName=name, Attributes={"MessageRetentionPeriod": str(RETENTION_SECONDS)}
        )["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
        pattern = json.dumps({"source": [SOURCE]})
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)["RuleArn"]
        allowed = policy(attributes["QueueArn"], "events", rule)
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": allowed})
        events.put_targets(
            Rule=name, EventBusName=bus, Targets=[{"Id": TARGET, "Arn": attributes["QueueArn"]}]
        )
        yield Tap(sqs, queue_url, rule)
    except BaseException:
        with contextlib.suppress(BotoCoreError, ClientError):  # would take the place of what went wrong
            remove_tap(events, sqs, bus, name)
        raise
    remove_tap(events, sqs, bus, name)
