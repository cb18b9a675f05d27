"""What follows from an event. Each reaction may run more than once for an event, and in any order."""

from datetime import timedelta

from services.core.events import TaskCompleted, TaskCreated, TaskEvent, TaskUpdated
from services.core.metrics import COMPLETION, STATUS_CHANGES, TASKS_COMPLETED, TASKS_CREATED
from services.core.moments import epoch_seconds, parse_timestamp, seconds_between
from services.core.ports import (
    ApprovalStore,
    ApprovalWorkflow,
    Archive,
    Meter,
    Notifications,
    Retention,
    StatisticsStore,
)
from services.core.statistics import Completion
from services.core.status import Status


def on_created(
    event: TaskCreated,
    statistics: StatisticsStore,
    notifications: Notifications,
    workflow: ApprovalWorkflow,
    meter: Meter,
) -> None:
    """Counts the task, notifies, and starts the approval of a high-priority one."""
    if statistics.count_created(event.event_id, event.user_id):
        meter.record(TASKS_CREATED, 1, {"priority": event.priority})
    notifications.notify("Task created", event)
    if event.status is Status.PENDING_APPROVAL:
        workflow.start(event)


def on_updated(
    event: TaskUpdated, notifications: Notifications, workflow: ApprovalWorkflow, meter: Meter
) -> None:
    """Notifies of a new status, and starts the approval of a task raised to high priority."""
    if "status" not in event.changes:
        return
    meter.record(STATUS_CHANGES, 1, {"status": event.status})
    notifications.notify(f"Task {event.status.replace('_', ' ')}", event)
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
    """Counts the completion, archives the task, and sets it to expire after `keep_for`."""
    # The relay publishes no negative duration; a forged event must not distort the user's average.
    seconds = max(seconds_between(event.task.created_at, event.occurred_at), 0.0)
    completion = Completion(event.occurred_at, round(seconds * 1000))
    if statistics.count_completed(event.event_id, event.user_id, completion):
        meter.record(TASKS_COMPLETED, 1, {"priority": event.priority})
        meter.record(COMPLETION, seconds)
    archive.keep(archive_key(event.task_id, event.occurred_at), event.task.as_json())
    retention.expire(event.task_id, epoch_seconds(parse_timestamp(event.occurred_at) + keep_for))


def on_deleted(event: TaskEvent, approvals: ApprovalStore) -> None:
    """Ends the approval that a removed task was waiting for."""
    if event.status is Status.PENDING_APPROVAL:
        approvals.cancel(event.task_id, event.task.version, event.correlation_id)


def archive_key(task_id: str, completed_at: str) -> str:
    """The archive's key of a completed task: by the day (UTC) of its completion, a timestamp."""
    year, month, day = completed_at[:10].split("-")
    return f"tasks/{year}/{month}/{day}/{task_id}.json"
