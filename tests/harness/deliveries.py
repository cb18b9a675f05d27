"""What Lambda passes to the functions: records of the tables' streams, and messages of the queues."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.adapters.dynamodb.tasks import task_to_item
from services.adapters.dynamodb.wire import item_to_wire
from services.core.events import SOURCE, TaskEvent
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
    change: dict[str, Any] = {"ApproximateCreationDateTime": removed_at, "SequenceNumber": "1"}
    if old is not None:
        change["OldImage"] = task_to_item(old, "an older cause" if new else cause)
    if new is not None:
        change["NewImage"] = task_to_item(new, cause)
    record = _record(change, "INSERT" if old is None else "MODIFY" if new else "REMOVE")
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
    return _record({"NewImage": item_to_wire(fields)}, "MODIFY")


def _record(change: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"eventID": uuid4().hex, "eventName": kind, "eventSource": "aws:dynamodb", "dynamodb": change}


def queue_message(body: str, message_id: str = "") -> dict[str, Any]:
    """An SQS message as Lambda shows it."""
    return {
        "messageId": message_id or uuid4().hex,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(epoch_seconds(NOON) * 1000),
            "SenderId": "sender",
            "ApproximateFirstReceiveTimestamp": "1",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue",
        "awsRegion": "eu-central-1",
    }


def event_message(event: TaskEvent, message_id: str = "") -> dict[str, Any]:
    """An event as it arrives: in EventBridge's envelope, in a message."""
    return queue_message(json.dumps(envelope(event)), message_id or event.event_id)


def envelope(event: TaskEvent) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html"""
    return {
        "version": "0",
        "id": uuid4().hex,
        "detail-type": event.detail_type,
        "source": SOURCE,
        "account": "000000000000",
        "time": event.occurred_at,
        "region": "eu-central-1",
        "resources": [],
        "detail": json.loads(event.as_json()),
    }
