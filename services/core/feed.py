"""The feed: recent events, as they arrived at the end of the pipeline. For display, not for reactions."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field

from services.core.aggregates import AGGREGATES
from services.core.event import Event
from services.core.events import TaskEvent
from services.core.moments import Timestamp, seconds_between, timestamp
from services.core.status import Priority, Status
from services.core.task import Absent, Stored

# Long enough to look back over recent work; nothing depends on it.
KEEP_FOR = timedelta(hours=1)

# The longest that the API accepts. A title written to the table by other means could exceed an item (400 KB).
_MAX_TITLE = 200


class FeedEntry(Stored):
    """An event in brief. `latencyMilliseconds` is from the write to the record of it: through stream, bus,
    queue and function; absent for removals, whose time is known to the second only.
    """

    event_id: str
    detail_type: str
    occurred_at: Timestamp
    recorded_at: Timestamp
    latency_milliseconds: Annotated[int | None, Absent] = None
    correlation_id: str
    task_id: str
    user_id: str
    title: str
    priority: Priority
    status: Status
    previous_status: Annotated[Status | None, Absent] = None
    version: int
    changed: Annotated[tuple[str, ...], Field(description="The fields that the write changed.")]


class EntityEntry(Stored):
    """An event of another entity than a task, in brief."""

    event_id: str
    detail_type: str
    occurred_at: Timestamp
    recorded_at: Timestamp
    latency_milliseconds: Annotated[int | None, Absent] = None
    correlation_id: str
    entity: Annotated[str, Field(description="What the event is about, as in the names of its fields.")]
    entity_id: str
    user_id: str
    title: Annotated[str, Field(description="The entity's title, or its text; empty if it has neither.")]
    version: int
    changed: Annotated[tuple[str, ...], Field(description="The fields that the write changed.")]


Entry: TypeAlias = FeedEntry | EntityEntry
if TYPE_CHECKING:
    ShownEntry: TypeAlias = Entry
else:
    # What the API's document promises: entries of other entities only where such are registered.
    ShownEntry = Entry if len(AGGREGATES) > 1 else FeedEntry


def entry_of(event: Event, now: datetime) -> Entry:
    """The entry of an event that arrives now."""
    recorded_at = timestamp(now)
    latency = max(round(seconds_between(event.occurred_at, recorded_at) * 1000), 0)
    common: dict[str, Any] = {
        "event_id": event.event_id,
        "detail_type": event.detail_type,
        "occurred_at": event.occurred_at,
        "recorded_at": recorded_at,
        "latency_milliseconds": None if event.is_removal else latency,
        "correlation_id": event.correlation_id,
        "user_id": event.user_id,
        "version": event.version,
        "changed": tuple(event.changes),
    }
    if not isinstance(event, TaskEvent):
        return EntityEntry(**common, entity=event.entity, entity_id=event.entity_id, title=_title(event))
    status = event.changes.get("status")
    return FeedEntry(
        **common,
        task_id=event.task_id,
        title=event.task.title[:_MAX_TITLE],
        priority=event.priority,
        status=event.status,
        previous_status=Status(status.old) if status else None,
    )


def _title(event: Event) -> str:
    entity = getattr(event, event.entity)
    return str(getattr(entity, "title", None) or getattr(entity, "text", ""))[:_MAX_TITLE]
