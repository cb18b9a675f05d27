"""The status machine: the only place that defines which status may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal


class Status(StrEnum):
    """Where a task stands."""

    PENDING_APPROVAL = "pending_approval"
    PENDING = "pending"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    REJECTED = "rejected"


class Priority(StrEnum):
    """How urgent a task is. High needs an approval before work begins."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


BY_CLIENT: Mapping[Status, tuple[Status, ...]] = {
    Status.PENDING_APPROVAL: (),
    Status.PENDING: (Status.IN_PROGRESS, Status.COMPLETED),
    Status.APPROVED: (Status.IN_PROGRESS, Status.COMPLETED),
    # Paused work returns to the status that it was started from: see `allowed_by_client`.
    Status.IN_PROGRESS: (Status.COMPLETED, Status.PENDING, Status.APPROVED),
    Status.COMPLETED: (),
    Status.REJECTED: (),
}
"""What a client may set by PUT, by present status."""

Decision = Literal["approve", "reject"]

BY_WORKFLOW: Mapping[Status, Mapping[Decision, Status]] = {
    Status.PENDING_APPROVAL: {"approve": Status.APPROVED, "reject": Status.REJECTED},
}
"""What a decision sets, by present status; no decision is possible in any other."""


def initial_status(priority: Priority) -> Status:
    """The status a task of this priority begins in: high is never workable unapproved."""
    return Status.PENDING_APPROVAL if priority is Priority.HIGH else Status.PENDING


def allowed_by_client(current: Status, *, approved: bool) -> tuple[Status, ...]:
    """What a client may set next; `approved` is whether the task has been approved before."""
    not_its_origin = Status.PENDING if approved else Status.APPROVED
    return tuple(status for status in BY_CLIENT[current] if status is not not_its_origin)
