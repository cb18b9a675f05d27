"""What Lambda passes to functions that read streams and queues: stream records, and SQS messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.adapters.dynamodb.tasks import task_to_item
from services.adapters.dynamodb.wire import item_to_wire
from services.core.event import SOURCE
from services.core.moments import epoch_seconds
from services.core.task import Stored, Task

# The tables of a local cloud, unless others are named.
TASKS, APPROVALS = "task-manager-local-tasks", "task-manager-local-approvals"


def stream_record(
    old: Stored | None, new: Stored | None, cause: str, at: float, *, table: str = TASKS, event_id: str = ""
) -> dict[str, Any]:
    """The stream record of a write to an aggregate's table, at `at` (epoch seconds), by a request `cause`."""
    change: dict[str, Any] = {"ApproximateCreationDateTime": at, "SequenceNumber": "1"}
    if old is not None:
        change["OldImage"] = _item(old, "an older cause" if new else cause)
    if new is not None:
        change["NewImage"] = _item(new, cause)
    return record_of(change, "INSERT" if old is None else "MODIFY" if new else "REMOVE", table, event_id)


def _item(entity: Stored, cause: str) -> dict[str, Any]:
    if isinstance(entity, Task):
        return task_to_item(entity, cause)
    return item_to_wire(entity.model_dump(mode="json", by_alias=True) | {"correlationId": cause})


def record_of(change: Mapping[str, Any], kind: str, table: str, event_id: str = "") -> dict[str, Any]:
    """The stream record of a change to the table with this name: `kind` is INSERT, MODIFY or REMOVE."""
    arn = f"arn:aws:dynamodb:eu-central-1:000000000000:table/{table}/stream/2026-01-01T00:00:00.000"
    return {
        "eventID": event_id or uuid4().hex,
        "eventName": kind,
        "eventSource": "aws:dynamodb",
        "dynamodb": dict(change),
        "eventSourceARN": arn,
    }


def queue_message(body: str, message_id: str, at: datetime) -> dict[str, Any]:
    """An SQS message, sent at that time and received for the first time, as Lambda shows it."""
    sent = str(round(epoch_seconds(at) * 1000))
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": "sender",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue",
        "awsRegion": "eu-central-1",
    }


def envelope(detail_type: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html"""
    return {
        "version": "0",
        "id": uuid4().hex,
        "detail-type": detail_type,
        "source": SOURCE,
        "account": "000000000000",
        "time": detail.get("occurredAt"),
        "region": "eu-central-1",
        "resources": [],
        "detail": dict(detail),
    }
