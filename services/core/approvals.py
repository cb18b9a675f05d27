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
from services.core.task import Approval, Decision, Model, Stored, UserId, decide
from services.core.use_cases import MAX_ATTEMPTS, find_task

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
    """A workflow that waits: the token that wakes it, and until when (timestamp)."""

    task_id: str
    token: str
    requested_at: str
    deadline: str


class ApprovalStore(Protocol):
    """The approvals, one a task. Every method may raise ServiceUnavailable."""

    def wait(self, waiting: Waiting) -> None:
        """Notes who is to be told of the verdict; a later token takes the place of an earlier one."""

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        """Writes the decision unless there is a verdict; gives the verdict that holds."""

    def cancel(self, task_id: str, correlation_id: str) -> None:
        """Writes that the task is gone unless there is a verdict."""


def decide_approval(
    tasks: TaskStore,
    approvals: ApprovalStore,
    task_id: str,
    request: ApprovalRequest,
    *,
    caller: Caller,
    clock: Clock,
    correlation_id: str,
) -> Approval:
    """Writes a decision, on whosever task it is but the caller's own.

    Raises TaskNotFound, InsufficientScope, Forbidden, and Conflict when nothing is pending or it was decided.
    """
    caller.require(Scope.APPROVE)
    task = find_task(tasks, task_id)
    approver = caller.approver(task, request.named_approver)
    if task.status is not Status.PENDING_APPROVAL:
        raise Conflict(f"No approval is pending: the task is {task.status}.", task.status)
    approval = Approval(
        decision=request.decision,
        approver=approver,
        reason=request.reason or None,
        decided_at=timestamp(clock()),
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
    approvals: ApprovalStore,
    task_id: str,
    decision: Decision,
    after: timedelta,
    *,
    clock: Clock,
    correlation_id: str,
) -> Verdict:
    """Decides in place of the approvers who did not; gives the verdict that holds, theirs if it was first."""
    approval = Approval(
        decision=decision,
        approver=TIMEOUT,
        reason=f"no decision within {int(after.total_seconds())} seconds",
        decided_at=timestamp(clock()),
    )
    return approvals.decide(task_id, approval, correlation_id)


def apply(tasks: TaskStore, task_id: str, verdict: Verdict, *, clock: Clock) -> Outcome:
    """Brings the verdict to the task. Repeating it changes nothing. Raises Conflict if it cannot be."""
    for _ in range(MAX_ATTEMPTS):
        task = tasks.get(task_id)
        if task is None or verdict.approval is None:
            return Outcome.CANCELLED
        if task.approval == verdict.approval:
            break
        try:
            tasks.replace(task, decide(task, verdict.approval, clock()), verdict.correlation_id)
        except StaleVersion:
            continue
        break
    else:
        raise StaleVersion
    return Outcome.APPROVED if verdict.approval.decision == "approve" else Outcome.REJECTED


def _describe(verdict: Verdict) -> str:
    if verdict.approval is None:
        return "the task was removed"
    return f"{verdict.approval.decision} by {verdict.approval.approver} at {verdict.approval.decided_at}"
