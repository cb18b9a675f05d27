"""An approval between its workflow and its approvers: what waits, the verdict, and which verdict holds."""

from dataclasses import dataclass
from typing import Literal

from services.core.task import Approval, Stored


class Verdict(Stored):
    """What ends the wait: a decision and the request behind it, or the task's removal."""

    kind: Literal["decided", "cancelled"]
    approval: Approval | None = None
    correlation_id: str


@dataclass(frozen=True)
class Waiting:
    """A workflow that waits: the token that resumes it, since when and until when (timestamps).

    `version` is the task's version when the wait began: decisions on older versions do not count.
    """

    task_id: str
    version: int
    token: str
    requested_at: str
    deadline: str


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


def execution_name(task_id: str, version: int) -> str:
    """The name of the workflow's execution for one version of a task: a second start is refused."""
    return f"{task_id}-{version}"
