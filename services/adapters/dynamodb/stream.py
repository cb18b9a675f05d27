"""Records of the tables' streams, as Lambda hands them over."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from services.adapters.dynamodb.tasks import task_from_item
from services.adapters.dynamodb.wire import UnreadableRecord
from services.core.events import Write
from services.core.moments import timestamp
from services.core.task import Task

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
_TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def write_of(record: Mapping[str, Any]) -> Write:
    """The write behind a record of the tasks table. Raises UnreadableRecord."""
    try:
        change = record["dynamodb"]
        old, new = _task(change.get("OldImage")), _task(change.get("NewImage"))
        image = change.get("NewImage") or change["OldImage"]
        return Write(
            old=old,
            new=new,
            correlation_id=str(image["correlationId"]["S"]),
            occurred_at=new.updated_at if new else _removed_at(change, old),
            expired=_is_time_to_live(record),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableRecord(f"not a task: {place}: {first['msg']}") from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise UnreadableRecord(f"not a record of the tasks table: {error!r}") from error


def _task(image: Mapping[str, Any] | None) -> Task | None:
    return task_from_item(image) if image else None


def _removed_at(change: Mapping[str, Any], old: Task | None) -> str:
    """Stream times are whole seconds: never before the write that was removed."""
    moment = timestamp(datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC))
    return max(moment, old.updated_at) if old else moment


def _is_time_to_live(record: Mapping[str, Any]) -> bool:
    identity = record.get("userIdentity") or {}
    return all(identity.get(name) == value for name, value in _TIME_TO_LIVE.items())
