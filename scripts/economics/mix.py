"""The mix of requests that the models compute with, and the writes to tasks that follow from it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.core.event import Write
from services.core.events import events_of
from services.core.ids import new_task_id
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Task, next_version

# Shares of the requests: about what load/journeys.py does. A completion is a PUT as well.
MIX = {
    "create": 0.15,
    "get": 0.36,
    "list": 0.22,
    "update": 0.13,
    "complete": 0.08,
    "delete": 0.03,
    "approve": 0.02,
    "statistics": 0.01,
}
ROUTES = {
    "create": "POST /tasks",
    "get": "GET /tasks/{taskId}",
    "list": "GET /tasks",
    "update": "PUT /tasks/{taskId}",
    "complete": "PUT /tasks/{taskId}",
    "delete": "DELETE /tasks/{taskId}",
    "approve": "POST /tasks/{taskId}/approval",
    "statistics": "GET /users/{userId}/stats",
}

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class TaskWrite:
    """A write to a task: how often it happens for each request, and the task's status before and after."""

    per_request: float
    before: Status | None
    after: Status | None
    expired: bool = False

    @property
    def changes_status(self) -> bool:
        """Whether a task that stays in the table gets another status."""
        return None not in (self.before, self.after) and self.before != self.after

    @property
    def deletes(self) -> bool:
        """Whether a client deletes the task."""
        return self.after is None and not self.expired

    def events(self) -> list[str]:
        """The detail types that follow, by the domain's own rule."""
        old = _task(self.before) if self.before else None
        new = _task(self.after) if self.after else None
        if old and new:
            new = next_version(old, _NOON, status=self.after, title="changed")
        write = Write(old, new, correlation_id="", occurred_at=timestamp(_NOON), expired=self.expired)
        return [event.detail_type for event in events_of(write)]


def _task(status: Status) -> Task:
    moment = timestamp(_NOON)
    return Task(
        task_id=new_task_id(_NOON),
        title="a task",
        description="",
        priority=Priority.HIGH,
        status=status,
        user_id="ada",
        tags=(),
        created_at=moment,
        updated_at=moment,
        version=1,
    )


WRITES = (
    # A task that needs an approval starts in pending_approval.
    TaskWrite(MIX["create"] - MIX["approve"], None, Status.PENDING),
    TaskWrite(MIX["approve"], None, Status.PENDING_APPROVAL),
    TaskWrite(MIX["approve"], Status.PENDING_APPROVAL, Status.APPROVED),
    # Half of the changes are of the status.
    TaskWrite(MIX["update"] / 2, Status.PENDING, Status.IN_PROGRESS),
    TaskWrite(MIX["update"] / 2, Status.PENDING, Status.PENDING),
    TaskWrite(MIX["complete"], Status.IN_PROGRESS, Status.COMPLETED),
    TaskWrite(MIX["delete"], Status.PENDING, None),
    # In the long run every completed task expires.
    TaskWrite(MIX["complete"], Status.COMPLETED, None, expired=True),
)
