"""What Lambda passes to the functions at noon: records of the tables' streams, messages of the queues."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from scripts.operators import deliveries
from services.adapters.dynamodb.wire import item_to_wire
from services.core.events import TaskEvent
from services.core.moments import epoch_seconds, timestamp
from services.core.task import Task
from services.core.verdicts import Verdict
from tests.harness.fakes import NOON

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def stream_record(
    old: Task | None,
    new: Task | None,
    cause: str = "cause",
    *,
    removed_at: float = epoch_seconds(NOON),
    by: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The stream record of a write to the tasks table, `by` a service if not by us."""
    record = deliveries.stream_record(old, new, cause, removed_at)
    return record | ({"userIdentity": dict(by)} if by else {})


def approval_record(
    task_id: str,
    token: str | None = None,
    verdict: Verdict | None = None,
    *,
    version: int | None = 1,
    requested_at: str = timestamp(NOON),
) -> dict[str, Any]:
    """The stream record of an approvals item with these values; without a version: of an earlier release."""
    fields: dict[str, Any] = {"taskId": task_id}
    if token is not None:
        fields["requestedAt"] = requested_at
    if token is not None and version is not None:
        fields["taskVersion"] = version
    if token is not None:
        fields["taskToken"] = token
    if verdict is not None:
        fields["verdict"] = verdict.model_dump(mode="json", by_alias=True, exclude_none=True)
    return deliveries.record_of({"NewImage": item_to_wire(fields)}, "MODIFY", deliveries.APPROVALS)


def queue_message(body: str, message_id: str = "") -> dict[str, Any]:
    """An SQS message as Lambda shows it."""
    return deliveries.queue_message(body, message_id or uuid4().hex, NOON)


def event_message(event: TaskEvent, message_id: str = "") -> dict[str, Any]:
    """An event as it arrives: in EventBridge's envelope, in a message."""
    return queue_message(json.dumps(envelope(event)), message_id or event.event_id)


def envelope(event: TaskEvent) -> dict[str, Any]:
    """An event in EventBridge's envelope."""
    return deliveries.envelope(event.detail_type, json.loads(event.as_json()))
