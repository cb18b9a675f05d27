"""What follows from an event. Each may run more than once for it, and in any order."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from services.core.events import TaskCompleted, TaskCreated, TaskEvent, TaskUpdated
from services.core.metrics import COMPLETION, STATUS_CHANGES, TASKS_COMPLETED, TASKS_CREATED, Metric
from services.core.moments import epoch_seconds, parse_timestamp, seconds_between
from services.core.statistics import Completion, StatisticsStore
from services.core.status import Status


class Notifications(Protocol):
    """Tells subscribers. A repeated event is told again, with the same eventId."""

    def tell(self, subject: str, event: TaskEvent) -> None:
        """Publishes an event under a subject. May raise ServiceUnavailable."""


class Archive(Protocol):
    """Keeps completed tasks for good."""

    def keep(self, key: str, content: str) -> None:
        """Stores JSON under a key; the same key again is the same content. May raise ServiceUnavailable."""


class Retention(Protocol):
    """Has the tasks table forget a task by itself."""

    def expire(self, task_id: str, at: int) -> None:
        """The task may be removed from `at` (epoch seconds) on; one that is gone already stays so."""


class ApprovalWorkflow(Protocol):
    """Has somebody decide on a high-priority task."""

    def start(self, event: TaskEvent) -> None:
        """Starts the approval that this event asks for; starting twice is once."""


class PendingApprovals(Protocol):
    """The approvals that wait."""

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        """Ends the approval of a task that is gone, last at `version`, unless that was decided on."""


class Meter(Protocol):
    """Counts and measures."""

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        """One value of a metric, in its unit, with a label for each dimension that the metric has."""


def on_created(
    event: TaskCreated,
    statistics: StatisticsStore,
    notifications: Notifications,
    workflow: ApprovalWorkflow,
    meter: Meter,
) -> None:
    """Counts the task, tells of it, and has a high-priority one approved."""
    if statistics.count_created(event.event_id, event.user_id):
        meter.record(TASKS_CREATED, 1, {"priority": event.priority})
    notifications.tell("Task created", event)
    if event.status is Status.PENDING_APPROVAL:
        workflow.start(event)


def on_updated(
    event: TaskUpdated, notifications: Notifications, workflow: ApprovalWorkflow, meter: Meter
) -> None:
    """Tells of a new status, and has a task approved that was raised to high priority."""
    if "status" not in event.changes:
        return
    meter.record(STATUS_CHANGES, 1, {"status": event.status})
    notifications.tell(f"Task {event.status.replace('_', ' ')}", event)
    if event.status is Status.PENDING_APPROVAL:
        workflow.start(event)


def on_completed(
    event: TaskCompleted,
    statistics: StatisticsStore,
    archive: Archive,
    retention: Retention,
    meter: Meter,
    keep_for: timedelta,
) -> None:
    """Counts the completion, archives the task, and lets the table forget it after `keep_for`."""
    # Our events never end before they began; somebody else's must not spoil the user's average.
    seconds = max(seconds_between(event.task.created_at, event.occurred_at), 0.0)
    completion = Completion(event.occurred_at, round(seconds * 1000))
    if statistics.count_completed(event.event_id, event.user_id, completion):
        meter.record(TASKS_COMPLETED, 1, {"priority": event.priority})
        meter.record(COMPLETION, seconds)
    archive.keep(archive_key(event.task_id, event.occurred_at), event.task.as_json())
    retention.expire(event.task_id, epoch_seconds(parse_timestamp(event.occurred_at) + keep_for))


def on_deleted(event: TaskEvent, approvals: PendingApprovals) -> None:
    """Ends the approval that a removed task was waiting for."""
    if event.status is Status.PENDING_APPROVAL:
        approvals.cancel(event.task_id, event.task.version, event.correlation_id)


def archive_key(task_id: str, completed_at: str) -> str:
    """The archive's key of a completed task: by the day (UTC) of its completion, a timestamp."""
    year, month, day = completed_at[:10].split("-")
    return f"tasks/{year}/{month}/{day}/{task_id}.json"
