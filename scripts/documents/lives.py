"""Lives of the aggregates, of whose writes the samples in docs/events are made."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.core.event import Write
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Approval, NewTask, Task, begin, decide, next_version

_TASK_ID, _PART_ID = (f"0198c1d2-7b3e-7a1f-8c2d-1234567890{end}" for end in ("ab", "ac"))


def life_of_a_task() -> Sequence[Write[Task]]:
    """The writes of two tasks: one is rejected; one is approved, completed, and removed in both ways."""
    noon = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    new = NewTask(title="Renew the certificate", user_id="ada", priority=Priority.HIGH, tags=("ops",))
    created = begin(new, _TASK_ID, noon)
    decided_at = timestamp(noon.replace(minute=5))
    yes = Approval(
        decision="approve",
        approver="grace",
        reason="It expires on Monday.",
        decided_at=decided_at,
        task_version=created.version,
    )
    no = Approval(decision="reject", approver="timeout", decided_at=decided_at, task_version=created.version)
    approved = decide(created, yes, noon.replace(minute=5))
    rejected = decide(created, no, noon.replace(minute=5))
    completed = next_version(approved, noon.replace(hour=15), status=Status.COMPLETED)
    return [
        _write(None, created),
        _write(created, rejected),
        _write(created, approved),
        _write(approved, completed),
        _write(completed, None),
        Write(completed, None, "4f6c1d", timestamp(noon.replace(month=5, day=1)), expired=True),
    ]


def _write(old: Task | None, new: Task | None) -> Write[Task]:
    task = new or old
    assert task is not None  # noqa: S101 - every write above has a task
    return Write(old, new, "4f6c1d", task.updated_at)


LIVES: Mapping[str, Callable[[], Sequence[Write[Any]]]] = {"task": life_of_a_task}
"""Aggregate → its writes; together they give each of its events."""
