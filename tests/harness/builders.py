"""Builds tasks for tests: fields that are not given have ordinary values."""

from typing import Any

from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.ids import new_task_id
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Approval, Task, next_version
from tests.harness.fakes import NOON, Ticking

_clock = Ticking()


def a_task(**fields: Any) -> Task:
    """A pending task of medium priority, newer than the ones before it."""
    moment = _clock()
    ordinary: dict[str, Any] = {
        "task_id": new_task_id(moment),
        "title": "Water the plants",
        "description": "",
        "priority": Priority.MEDIUM,
        "status": Status.PENDING,
        "user_id": "ada",
        "tags": ("home",),
        "created_at": timestamp(moment),
        "updated_at": timestamp(moment),
        "version": 1,
    }
    return Task(**ordinary | fields)


def an_approval(decision: str = "approve", version: int | None = 1) -> Approval:
    """A decision on a version of a task; without a version: as an earlier release wrote it."""
    said = {"decision": decision, "approver": "grace", "reason": "needed", "decided_at": timestamp(NOON)}
    return Approval.model_validate(said | {"task_version": version})


def the_largest_change() -> TaskEvent:
    """An event whose task has every field at its limit, in the largest characters, and all changed."""

    def of(character: str) -> dict[str, Any]:
        tags = tuple(f"{number:02}" + character * 48 for number in range(20))
        return {"title": character * 200, "description": character * 5000, "tags": tags}

    old = a_task(user_id="🌍" * 255, **of("🌍"))
    new = next_version(old, NOON, status=Status.IN_PROGRESS, **of("🌎"))
    return events_of(Write(old, new, "x" * 128, new.updated_at))[0]
