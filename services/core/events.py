"""The event contract: what the bus carries, schema version 1.0. JSON Schemas in docs/events are made of it.

Within a schema version fields are only ever added: readers ignore what they do not know, so that an
old consumer goes on working with newer events.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID, uuid5

from services.core.moments import Timestamp
from services.core.status import Priority, Status
from services.core.task import Stored, Task

SOURCE = "task-manager"
SCHEMA_VERSION: Literal["1.0"] = "1.0"

# Event ids are UUIDs of version 5 in this namespace: the same write gives the same ids for ever.
_NAMESPACE = UUID("6f3f9d0e-6d1c-5b0e-9f53-1d1a52a4c3d7")

# Every write changes these, so `changes` leaves them out.
_UNREMARKABLE = frozenset({"updatedAt", "version"})


class Change(Stored):
    """A field's value before and after; null where there was or is none."""

    old: Any
    new: Any


class TaskEvent(Stored):
    """What all events have. `version` orders the events of a task: the last write has the highest.

    `task` is the task after the write; of a removed one, as it last was, and then `version` is one
    higher than the snapshot's. `changes` has an entry for each field that differs; none where the
    task begins or ends.
    """

    detail_type: ClassVar[str] = ""

    schema_version: Literal["1.0"]
    event_id: str
    occurred_at: Timestamp
    correlation_id: str
    task_id: str
    user_id: str
    priority: Priority
    status: Status
    version: int
    task: Task
    changes: dict[str, Change]

    def as_json(self) -> str:
        """The event's detail, as it goes on the bus."""
        return self.model_dump_json(by_alias=True)


class TaskCreated(TaskEvent):
    """A task was created."""

    detail_type = "TaskCreated"


class TaskUpdated(TaskEvent):
    """A task was changed, by a client or by the approval workflow."""

    detail_type = "TaskUpdated"


class TaskCompleted(TaskEvent):
    """A task was completed. Comes beside TaskUpdated, once in a task's life."""

    detail_type = "TaskCompleted"


class TaskDeleted(TaskEvent):
    """A task was deleted by a client."""

    detail_type = "TaskDeleted"


class TaskExpired(TaskEvent):
    """A completed task was removed at the end of its retention."""

    detail_type = "TaskExpired"


class TaskApproved(TaskEvent):
    """A high-priority task was approved. Comes beside TaskUpdated."""

    detail_type = "TaskApproved"


class TaskRejected(TaskEvent):
    """A high-priority task was rejected. Comes beside TaskUpdated."""

    detail_type = "TaskRejected"


REMOVALS = (TaskDeleted, TaskExpired)
"""Events whose `occurred_at` is the stream's time, in whole seconds: too coarse for a latency."""

EVENTS: Mapping[str, type[TaskEvent]] = {
    event.detail_type: event
    for event in (
        TaskCreated,
        TaskUpdated,
        TaskCompleted,
        TaskDeleted,
        TaskExpired,
        TaskApproved,
        TaskRejected,
    )
}
"""Detail type → model."""

OCCASIONS: Mapping[type[TaskEvent], Callable[[Task, Task], bool]] = {}
"""Events that come beside TaskUpdated → whether a change, from one version to another, is such an event."""

# Reaching a status may be an event of its own.
_MILESTONES: Mapping[Status, type[TaskEvent]] = {
    Status.COMPLETED: TaskCompleted,
    Status.APPROVED: TaskApproved,
    Status.REJECTED: TaskRejected,
}


@dataclass(frozen=True)
class Write:
    """One write to the tasks table: the task before and after, None where it was or is not there."""

    old: Task | None
    new: Task | None
    correlation_id: str
    occurred_at: str
    expired: bool = False
    """Whether the table's time to live removed it, rather than a client."""


def events_of(write: Write) -> list[TaskEvent]:
    """What a write means to others; nothing, if only our own bookkeeping on the item changed."""
    if write.new is None:
        return [event_of(TaskExpired if write.expired else TaskDeleted, write)] if write.old else []
    if write.old is None:
        # A task that is inserted at a later version was restored: its events were published before.
        return [event_of(TaskCreated, write)] if write.new.version == 1 else []
    if write.old.version == write.new.version:
        return []
    events = [event_of(TaskUpdated, write)]
    if (milestone := _milestone(write.old, write.new)) is not None:
        events.append(event_of(milestone, write))
    beside = (kind for kind, is_one in OCCASIONS.items() if is_one(write.old, write.new))
    return events + [event_of(kind, write) for kind in beside]


def _milestone(old: Task, new: Task) -> type[TaskEvent] | None:
    # Pausing approved work sets `approved` again: that is no second approval.
    decided = old.status is Status.PENDING_APPROVAL or new.status is Status.COMPLETED
    return _MILESTONES.get(new.status) if decided and old.status is not new.status else None


def event_of(kind: type[TaskEvent], write: Write) -> TaskEvent:
    """The event of this kind that a write gives; the same write gives the same id."""
    task = write.new or write.old
    assert task is not None  # noqa: S101 - `events_of` has ruled out a write without either
    version = task.version if write.new else task.version + 1
    return kind(
        schema_version=SCHEMA_VERSION,
        event_id=event_id(task.task_id, version, kind.detail_type),
        occurred_at=write.occurred_at,
        correlation_id=write.correlation_id,
        task_id=task.task_id,
        user_id=task.user_id,
        priority=task.priority,
        status=task.status,
        version=version,
        task=task,
        changes=_changes(write.old, write.new) if write.old and write.new else {},
    )


def event_id(task_id: str, version: int, detail_type: str) -> str:
    """The id of a kind of event that the write of this version gives."""
    return str(uuid5(_NAMESPACE, f"{task_id}:{version}:{detail_type}"))


def _changes(old: Task, new: Task) -> dict[str, Change]:
    before, after = old.as_document(), new.as_document()
    return {
        name: Change(old=before.get(name), new=after.get(name))
        for name in sorted((before.keys() | after.keys()) - _UNREMARKABLE)
        if before.get(name) != after.get(name)
    }
