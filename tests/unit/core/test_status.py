"""The status machine, against the table of the design."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import Conflict
from services.core.status import BY_WORKFLOW, Priority, Status, initial_status
from services.core.task import Task, TaskChanges, change, decide
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON

# (from, was approved before) → what PUT may set.
DESIGN = {
    (Status.PENDING_APPROVAL, False): set(),
    (Status.PENDING, False): {Status.IN_PROGRESS, Status.COMPLETED},
    (Status.APPROVED, True): {Status.IN_PROGRESS, Status.COMPLETED},
    (Status.IN_PROGRESS, False): {Status.COMPLETED, Status.PENDING},
    (Status.IN_PROGRESS, True): {Status.COMPLETED, Status.APPROVED},
    (Status.COMPLETED, False): set(),
    (Status.COMPLETED, True): set(),
    (Status.REJECTED, False): set(),
}


def in_status(status: Status, *, approved: bool) -> Task:
    return a_task(status=status, approval=an_approval() if approved else None)


@pytest.mark.parametrize(("origin", "target"), list(product(DESIGN, Status)))
def test_put_allows_exactly_the_transitions_of_the_table(origin: tuple[Status, bool], target: Status) -> None:
    status, approved = origin
    task = in_status(status, approved=approved)
    if target is status:
        assert change(task, TaskChanges(status=target), NOON) is task
    elif target in DESIGN[origin]:
        assert change(task, TaskChanges(status=target), NOON).status is target
    else:
        with pytest.raises(Conflict) as refused:
            change(task, TaskChanges(status=target), NOON)
        assert refused.value.current is status
        assert set(refused.value.allowed) == DESIGN[origin]
        assert str(status) in refused.value.detail


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_only_a_pending_approval_can_be_decided(status: Status, decision: str) -> None:
    task = a_task(status=status, priority=Priority.HIGH)
    if status is Status.PENDING_APPROVAL:
        decided = decide(task, an_approval(decision), NOON)
        assert decided.status in BY_WORKFLOW[status].values()
        assert decided.status is (Status.APPROVED if decision == "approve" else Status.REJECTED)
        assert decided.approval == an_approval(decision)
    else:
        with pytest.raises(Conflict):
            decide(task, an_approval(decision), NOON)


def test_a_high_priority_task_starts_in_pending_approval() -> None:
    assert {p: initial_status(p) for p in Priority} == {
        Priority.LOW: Status.PENDING,
        Priority.MEDIUM: Status.PENDING,
        Priority.HIGH: Status.PENDING_APPROVAL,
    }


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(min_size=1, max_size=5).filter(str.strip),
        "description": st.sampled_from(["", "how"]),
        "status": st.sampled_from(Status),
        "priority": st.sampled_from(Priority),
        "tags": st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    },
).filter(bool)
STEPS = st.lists(st.one_of(CHANGES, st.sampled_from(["approve", "reject"])), max_size=12)


@given(priority=st.sampled_from(Priority), steps=STEPS)
def test_high_priority_is_never_worked_on_unapproved(
    priority: Priority, steps: list[dict[str, object] | str]
) -> None:
    """Clients and approvers act in any order."""
    task = a_task(priority=priority, status=initial_status(priority))
    for step in steps:
        try:
            if isinstance(step, str):
                later = decide(task, an_approval(step, task.version), NOON)
            else:
                later = change(task, TaskChanges(**step), NOON)
        except Conflict:
            continue
        assert later is task or later.version == task.version + 1
        assert later.updated_at >= task.updated_at
        assert (later is task) == (later == task)
        task = later
        if task.priority is Priority.HIGH and not task.was_approved:
            assert task.status in (Status.PENDING_APPROVAL, Status.REJECTED)
