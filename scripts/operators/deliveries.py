"""What Lambda passes to functions that read streams and queues: stream records, and SQS messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.adapters.dynamodb.tasks import task_to_item
from services.core.events import SOURCE
from services.core.moments import epoch_seconds
from services.core.task import Task


def stream_record(
    old: Task | None, new: Task | None, cause: str, at: float, event_id: str = ""
) -> dict[str, Any]:
    """The stream record of a write to the tasks table, at `at` (epoch seconds), by the request `cause`."""
    change: dict[str, Any] = {"ApproximateCreationDateTime": at, "SequenceNumber": "1"}
    if old is not None:
        change["OldImage"] = task_to_item(old, "an older cause" if new else cause)
    if new is not None:
        change["NewImage"] = task_to_item(new, cause)
    return record_of(change, "INSERT" if old is None else "MODIFY" if new else "REMOVE", event_id)


def record_of(change: Mapping[str, Any], kind: str, event_id: str = "") -> dict[str, Any]:
    """The stream record of a change to any table: `kind` is INSERT, MODIFY or REMOVE."""
    return {
        "eventID": event_id or uuid4().hex,
        "eventName": kind,
        "eventSource": "aws:dynamodb",
        "dynamodb": dict(change),
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
