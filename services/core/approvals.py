"""Deciding on high-priority tasks: the decision is written once, and everything else follows from it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import StringConstraints

from services.core.callers import ANONYMOUS, Caller, Scope
from services.core.errors import Conflict, StaleVersion
from services.core.moments import Clock, timestamp
from services.core.ports import TaskStore
from services.core.status import Priority, Status
from services.core.task import Approval, Decision, Model, Stored, UserId, decide, is_about
from services.core.use_cases import MAX_ATTEMPTS, Precondition, find_task, require_match

TIMEOUT = "timeout"


class ApprovalRequest(Model):
    """The body of POST /tasks/{taskId}/approval."""

    decision: Decision
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    approver: UserId = ANONYMOUS

    @property
    def named_approver(self) -> str | None:
        """The approver, if one was named."""
        return self.approver if "approver" in self.model_fields_set else None


class Outcome(StrEnum):
    """How an approval ended."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ASKED_AGAIN = "asked_again"
    """The task has changed since the decision: somebody has to decide on it as it now is."""


class Check(StrEnum):
    """What the workflow finds when it looks at its task."""

    NEEDS_APPROVAL = "needs_approval"
    AUTO_APPROVED = "auto_approved"
    CANCELLED = "cancelled"


class Verdict(Stored):
    """What ends the wait: a decision and the request behind it, or the task's removal."""

    kind: Literal["decided", "cancelled"]
    approval: Approval | None = None
    correlation_id: str


@dataclass(frozen=True)
class Waiting:
    """A workflow that waits: the token that wakes it, since when and until when (timestamps).

    `version` is the task's version when the workflow began to wait: decisions on older ones are not for it.
    """

    task_id: str
    version: int
    token: str
    requested_at: str
    deadline: str


class ApprovalStore(Protocol):
    """The approvals, one a task. Every method may raise ServiceUnavailable."""

    def wait(self, waiting: Waiting) -> None:
        """Notes who is to be told of the verdict; a later token takes the place of an earlier one."""

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        """Writes the decision unless a verdict holds for `approval.task_version`; gives the one that holds.

        See `holds`.
        """

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        """Writes that the task, last at `version`, is gone unless a verdict holds for that version."""


def holds(verdict: Verdict, version: int, requested_at: str | None) -> bool:
    """Whether a verdict holds for a task at `version`, for which a workflow waits since `requested_at`.

    A removal is final. A decision is overtaken once the task has a later version than it was made on.
    """
    approval = verdict.approval
    if approval is None:
        return True
    if approval.task_version is None:
        return requested_at is None or approval.decided_at >= requested_at
    return approval.task_version >= version


def decide_approval(
    tasks: TaskStore,
    approvals: ApprovalStore,
    task_id: str,
    request: ApprovalRequest,
    *,
    caller: Caller,
    clock: Clock,
    correlation_id: str,
    precondition: Precondition | None = None,
) -> Approval:
    """Writes a decision on the task at its present version, whosever task it is but the caller's own.

    Raises TaskNotFound, InsufficientScope, Forbidden, VersionMismatch, and Conflict when nothing is pending
    or it was decided.
    """
    caller.require(Scope.APPROVE)
    task = find_task(tasks, task_id)
    approver = caller.approver(task, request.named_approver)
    require_match(task, precondition)
    if task.status is not Status.PENDING_APPROVAL:
        raise Conflict(f"No approval is pending: the task is {task.status}.", task.status)
    approval = Approval(
        decision=request.decision,
        approver=approver,
        reason=request.reason or None,
        decided_at=timestamp(clock()),
        task_version=task.version,
    )
    verdict = approvals.decide(task_id, approval, correlation_id)
    if (verdict.approval, verdict.correlation_id) != (approval, correlation_id):
        raise Conflict(f"The approval was decided before: {_describe(verdict)}.", task.status)
    return approval


def check(tasks: TaskStore, task_id: str) -> Check:
    """Whether the task still waits for an approval."""
    task = tasks.get(task_id)
    if task is None:
        return Check.CANCELLED
    if task.status is Status.PENDING_APPROVAL:
        return Check.NEEDS_APPROVAL
    return Check.CANCELLED if task.priority is Priority.HIGH else Check.AUTO_APPROVED


def expire(
    tasks: TaskStore,
    approvals: ApprovalStore,
    task_id: str,
    decision: Decision,
    after: timedelta,
    *,
    clock: Clock,
    correlation_id: str,
) -> Verdict:
    """Decides in place of the approvers who did not; gives the verdict that holds, theirs if it was first."""
    task = tasks.get(task_id)
    if task is None:
        return Verdict(kind="cancelled", correlation_id=correlation_id)
    approval = Approval(
        decision=decision,
        approver=TIMEOUT,
        reason=f"no decision within {int(after.total_seconds())} seconds",
        decided_at=timestamp(clock()),
        task_version=task.version,
    )
    return approvals.decide(task_id, approval, correlation_id)


def apply(tasks: TaskStore, task_id: str, verdict: Verdict, *, clock: Clock) -> Outcome:
    """Brings the verdict to the task, at the version that was decided on. Repeating it changes nothing.

    Raises StaleVersion when others keep writing the task: the workflow tries again.
    """
    for _ in range(MAX_ATTEMPTS):
        task = tasks.get(task_id)
        if task is None or verdict.approval is None:
            return Outcome.CANCELLED
        if task.approval != verdict.approval:
            if task.status is not Status.PENDING_APPROVAL:
                return Outcome.CANCELLED
            if not is_about(verdict.approval, task):
                return Outcome.ASKED_AGAIN
            try:
                tasks.replace(task, decide(task, verdict.approval, clock()), verdict.correlation_id)
            except StaleVersion:
                continue
        return Outcome.APPROVED if verdict.approval.decision == "approve" else Outcome.REJECTED
    raise StaleVersion


def _describe(verdict: Verdict) -> str:
    if verdict.approval is None:
        return "the task was removed"
    return f"{verdict.approval.decision} by {verdict.approval.approver} at {verdict.approval.decided_at}"
