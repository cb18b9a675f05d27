"""The task's events: what the bus carries, schema version 1.0. JSON Schemas in docs/events are made of it."""

from collections.abc import Callable, Mapping

from services.core.event import Aggregate, Change, Event, Write, event_of, occasions_in
from services.core.status import Priority, Status
from services.core.task import Task


class TaskEvent(Event):
    """What all events have. `version` orders the events of a task: the last write has the highest.

    `task` is the task after the write; of a removed one, as it last was, and then `version` is one
    higher than the snapshot's. `changes` has an entry for each field that differs; none where the
    task begins or ends.
    """

    entity = "task"

    task_id: str
    user_id: str
    priority: Priority
    status: Status
    version: int
    task: Task
    changes: dict[str, Change]


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
    is_removal = True


class TaskExpired(TaskEvent):
    """A completed task was removed at the end of its retention."""

    detail_type = "TaskExpired"
    is_removal = True


class TaskApproved(TaskEvent):
    """A high-priority task was approved. Comes beside TaskUpdated."""

    detail_type = "TaskApproved"


class TaskRejected(TaskEvent):
    """A high-priority task was rejected. Comes beside TaskUpdated."""

    detail_type = "TaskRejected"


OCCASIONS: Mapping[type[TaskEvent], Callable[[Task | None, Task], bool]] = {}
"""Further events → whether from one version (None: it begins) to the next is one."""

# Reaching a status may be an event of its own.
_MILESTONES: Mapping[Status, type[TaskEvent]] = {
    Status.COMPLETED: TaskCompleted,
    Status.APPROVED: TaskApproved,
    Status.REJECTED: TaskRejected,
}


def events_of(write: Write[Task]) -> list[TaskEvent]:
    """What a write means to others; nothing, if only our own bookkeeping on the item changed."""
    if write.new is None:
        return [task_event(TaskExpired if write.expired else TaskDeleted, write)] if write.old else []
    if write.old is None:
        # A task that is inserted at a later version was restored: its events were published before.
        return [task_event(TaskCreated, write), *_beside(write)] if write.new.version == 1 else []
    if write.old.version == write.new.version:
        return []
    events: list[TaskEvent] = [task_event(TaskUpdated, write)]
    if (milestone := _milestone(write.old, write.new)) is not None:
        events.append(task_event(milestone, write))
    return events + _beside(write)


def _beside(write: Write[Task]) -> list[TaskEvent]:
    return [task_event(kind, write) for kind in occasions_in(write, OCCASIONS)]


def _milestone(old: Task, new: Task) -> type[TaskEvent] | None:
    # Pausing approved work sets `approved` again: that is no second approval.
    decided = old.status is Status.PENDING_APPROVAL or new.status is Status.COMPLETED
    return _MILESTONES.get(new.status) if decided and old.status is not new.status else None


def task_event(kind: type[TaskEvent], write: Write[Task]) -> TaskEvent:
    """The event of this kind that a write of a task gives; the same write gives the same id."""
    event: TaskEvent = event_of(kind, write, priority=write.entity.priority, status=write.entity.status)
    return event


TASKS = Aggregate(
    name="task",
    table="tasks",
    model=Task,
    events=(
        TaskCreated,
        TaskUpdated,
        TaskCompleted,
        TaskDeleted,
        TaskExpired,
        TaskApproved,
        TaskRejected,
    ),
    events_of=events_of,
)
"""The task, for the registry of aggregates."""
