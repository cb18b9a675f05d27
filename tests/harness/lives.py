"""Hypothesis strategies for lives of tasks: all that clients and approvers may do, in any order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from services.core.errors import Conflict
from services.core.event import Write
from services.core.ids import new_task_id
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import NewTask, Task, TaskChanges, begin, change, decide
from tests.harness.builders import an_approval
from tests.harness.fakes import NOON

Step = str | dict[str, Any]

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["a", "b"]),
        "description": st.sampled_from(["", "c"]),
        "status": st.sampled_from(Status),
        "priority": st.sampled_from(Priority),
        "tags": st.sampled_from([(), ("home",)]),
    },
).filter(bool)
OTHERS = st.sampled_from(["approve", "reject", "bookkeeping", "delete", "expire"])


def live(user_id: str, priority: Priority, steps: Sequence[Step], starts: int = 0) -> list[Write]:
    """The writes of a life, with one step a minute; steps that are refused are left out."""
    now = NOON + timedelta(seconds=starts)
    task = begin(NewTask(title="a", user_id=user_id, priority=priority), new_task_id(now), now)
    writes = [Write(None, task, "cause-0", task.updated_at)]
    for number, step in enumerate(steps, 1):
        moment, cause = now + timedelta(minutes=number), f"cause-{number}"
        if step in ("delete", "expire"):
            writes.append(Write(task, None, cause, timestamp(moment), expired=step == "expire"))
            break
        try:
            later = _after(task, step, moment)
        except Conflict:
            continue
        if later is not task or step == "bookkeeping":
            writes.append(Write(task, later, cause, later.updated_at))
        task = later
    return writes


def _after(task: Task, step: Step, moment: Any) -> Task:
    if isinstance(step, dict):
        return change(task, TaskChanges(**step), moment)
    return task if step == "bookkeeping" else decide(task, an_approval(step, task.version), moment)


LIVES = st.builds(
    live,
    user_id=st.sampled_from(["ada", "bob"]),
    priority=st.sampled_from(Priority),
    steps=st.lists(CHANGES | OTHERS, max_size=12),
    starts=st.integers(0, 3600),
)
