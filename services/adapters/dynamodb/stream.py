"""Records of the tables' streams, as Lambda hands them over."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from services.adapters.dynamodb.wire import UnreadableRecord, item_from_wire
from services.core.aggregates import of_table
from services.core.event import Aggregate, Write
from services.core.moments import timestamp

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
_TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def aggregate_of(record: Mapping[str, Any]) -> Aggregate:
    """The aggregate that is kept in the record's table. Raises UnreadableRecord if there is none."""
    try:
        # arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME
        table = str(record["eventSourceARN"]).split("/")[1]
    except (KeyError, TypeError, IndexError) as error:
        raise UnreadableRecord(f"not a record of a table's stream: {error!r}") from error
    if (found := of_table(table)) is None:
        raise UnreadableRecord(f"no aggregate is kept in the table {table}")
    return found


def write_of(record: Mapping[str, Any]) -> Write[Any]:
    """The write behind a record of an aggregate's table. Raises UnreadableRecord."""
    aggregate = aggregate_of(record)
    try:
        change = record["dynamodb"]
        # JSON can hold half of a surrogate pair, but nothing that an event goes through can.
        json.dumps(change, ensure_ascii=False).encode()
        old, new = (_entity(change.get(image), aggregate) for image in ("OldImage", "NewImage"))
        image = change.get("NewImage") or change["OldImage"]
        return Write(
            old=old,
            new=new,
            correlation_id=str(image["correlationId"]["S"]),
            occurred_at=new.updated_at if new else _removed_at(change, old),
            expired=_is_time_to_live(record),
        )
    except UnicodeEncodeError as error:
        raise UnreadableRecord(f"text that is not Unicode: {error.reason}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableRecord(f"unreadable {aggregate.name}: {place}: {first['msg']}") from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise UnreadableRecord(f"not a record of the table {aggregate.table}: {error!r}") from error


def _entity(image: Mapping[str, Any] | None, aggregate: Aggregate) -> Any:
    """The entity of an item; attributes that are not the entity's own (expiresAt …) are left out."""
    return aggregate.model.model_validate(item_from_wire(image), strict=False) if image else None


def _removed_at(change: Mapping[str, Any], old: Any) -> str:
    """Stream times are whole seconds: never before the write that was removed."""
    moment = timestamp(datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC))
    return max(moment, str(old.updated_at)) if old else moment


def _is_time_to_live(record: Mapping[str, Any]) -> bool:
    identity = record.get("userIdentity") or {}
    return all(identity.get(name) == value for name, value in _TIME_TO_LIVE.items())
