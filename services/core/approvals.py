"""Deciding on high-priority tasks: the decision is written once; stream and workflow carry it to the task."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.core.callers import ANONYMOUS, Caller
from services.core.errors import Conflict, StaleVersion
from services.core.moments import Clock, parse_timestamp, timestamp
from services.core.ports import ApprovalStore, TaskStore
from services.core.retries import retry_lost_race
from services.core.status import Decision, Priority, Status
from services.core.task import Approval, Model, Reason, UserId, decide, is_about
from services.core.use_cases import MAX_ATTEMPTS, Precondition, find_task, require_match
from services.core.verdicts import Verdict

TIMEOUT = "timeout"
# Longer than the state that waits may retry the function that records its deadline.
LATE_START = timedelta(minutes=5)


class ApprovalRequest(Model):
    """The body of POST /tasks/{taskId}/approval."""

    decision: Decision
    reason: Reason = ""
    approver: UserId = ANONYMOUS

    @property
    def named_approver(self) -> str | None:
        """The approver, if one was named."""
        return self.approver if "approver" in self.model_fields_set else None


class ApprovalOutcome(StrEnum):
    """How an approval ended."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ASKED_AGAIN = "asked_again"
    """The task has changed since the decision: it needs another decision."""


class Check(StrEnum):
    """The result of validating the workflow's task."""

    NEEDS_APPROVAL = "needs_approval"
    AUTO_APPROVED = "auto_approved"
    CANCELLED = "cancelled"


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
    """Writes a decision on the task at its present version; the caller must not own the task.

    Raises TaskNotFound, Forbidden, VersionMismatch, and Conflict when nothing is pending
    or it was decided.
    """
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
    verdict = approvals.decide(task.task_id, approval, correlation_id)
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
    """Decides when no approver did in time; gives the verdict that holds, an approver's if it was first.

    Cancelled if the task is gone, or if another workflow waits for its approval by now.
    """
    task, now = tasks.get(task_id), clock()
    if task is None or _others_wait(approvals.deadline(task_id), now):
        return Verdict(kind="cancelled", correlation_id=correlation_id)
    approval = Approval(
        decision=decision,
        approver=TIMEOUT,
        reason=f"no decision within {int(after.total_seconds())} seconds",
        decided_at=timestamp(now),
        task_version=task.version,
    )
    return approvals.decide(task_id, approval, correlation_id)


def _others_wait(deadline: str | None, now: datetime) -> bool:
    """Whether the wait on record is another than the one that has just ended.

    A task that was edited after its approval waits again, in a workflow of its own. The deadline on record of
    the wait that has ended may be a little late, by as long as the function took to start that recorded it.
    """
    return deadline is not None and parse_timestamp(deadline) > now + LATE_START


def apply(tasks: TaskStore, task_id: str, verdict: Verdict, *, clock: Clock) -> ApprovalOutcome:
    """Applies the verdict to the task, at the version that was decided on; idempotent.

    Raises StaleVersion after MAX_ATTEMPTS lost races: the workflow retries.
    """

    def attempt() -> ApprovalOutcome:
        task = tasks.get(task_id)
        if task is None or verdict.approval is None:
            return ApprovalOutcome.CANCELLED
        if task.approval != verdict.approval:
            if task.status is not Status.PENDING_APPROVAL:
                return ApprovalOutcome.CANCELLED
            if not is_about(verdict.approval, task):
                return ApprovalOutcome.ASKED_AGAIN
            tasks.replace(task, decide(task, verdict.approval, clock()), verdict.correlation_id)
        approved = verdict.approval.decision == "approve"
        return ApprovalOutcome.APPROVED if approved else ApprovalOutcome.REJECTED

    return retry_lost_race(attempt, MAX_ATTEMPTS, StaleVersion())


def _describe(verdict: Verdict) -> str:
    if verdict.approval is None:
        return "the task was removed"
    return f"{verdict.approval.decision} by {verdict.approval.approver} at {verdict.approval.decided_at}"
