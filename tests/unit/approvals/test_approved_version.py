"""An approval counts for the version of the task that was decided on, and for no other."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.approvals.deliver_decision import deliver_decision
from services.core import reactions
from services.core.approvals import ApprovalOutcome, apply
from services.core.errors import Conflict, LostRace, StaleVersion, VersionMismatch
from services.core.event import Write
from services.core.events import events_of
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Task, TaskChanges, change, decide, next_version
from services.core.verdicts import Verdict
from services.streams import stream
from tests.harness.builders import a_task, an_approval
from tests.harness.deliveries import approval_record
from tests.harness.fakes import NOON, FakeServices
from tests.unit.approvals.world import World

LATER = timedelta(minutes=1)


def an_approved_task(**fields: Any) -> Task:
    ordinary = {"priority": Priority.HIGH, "status": Status.APPROVED, "version": 2}
    return a_task(**ordinary | {"approval": an_approval()} | fields)


class TestEditing:
    @pytest.mark.parametrize(
        "edit", [{"title": "b"}, {"description": "b"}, {"title": "b", "description": "c"}]
    )
    def test_an_approved_task_waits_for_another_approval(self, edit: dict[str, Any]) -> None:
        task = change(an_approved_task(), TaskChanges(**edit), NOON)
        assert (task.status, task.approval) == (Status.PENDING_APPROVAL, None)

    def test_an_edit_that_lowers_the_priority_needs_no_approval(self) -> None:
        edit = TaskChanges(title="b", priority=Priority.LOW)
        task = change(an_approved_task(), edit, NOON)
        assert (task.status, task.approval, task.title) == (Status.PENDING, None, "b")

    @pytest.mark.parametrize("edit", [{"tags": ("later",)}, {"priority": Priority.LOW}])
    def test_tags_and_a_lower_priority_leave_the_approval_alone(self, edit: dict[str, Any]) -> None:
        approved = an_approved_task()
        task = change(approved, TaskChanges(**edit), NOON)
        assert (task.status, task.approval) == (approved.status, approved.approval)

    @pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETED, Status.REJECTED])
    def test_editing_a_decided_task_that_cannot_wait_is_refused(self, status: Status) -> None:
        task = an_approved_task(status=status)

        with pytest.raises(Conflict, match=f"the task is {status}") as refused:
            change(task, TaskChanges(title="b"), NOON)

        assert refused.value.current is status
        assert ("put the task back" in refused.value.detail) is (status is Status.IN_PROGRESS)

    def test_editing_together_with_a_status_is_refused(self) -> None:
        with pytest.raises(Conflict, match="ends its approval"):
            change(an_approved_task(), TaskChanges(title="b", status=Status.IN_PROGRESS), NOON)

    @pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETED])
    def test_a_task_without_a_decision_can_be_edited(self, status: Status) -> None:
        task = a_task(status=status)
        assert change(task, TaskChanges(title="b"), NOON).title == "b"


class TestDecisionsOfAnEarlierRelease:
    """They name no version. They hold as long as nobody has written the task since."""

    def decided(self, services: FakeServices, task: Task) -> ApprovalOutcome:
        services.tasks.put_new(task, "cause")
        verdict = Verdict(kind="decided", approval=an_approval(version=None), correlation_id="grace")
        return apply(services.tasks, task.task_id, verdict, clock=services.clock)

    def test_count_for_the_task_that_they_were_made_on(self) -> None:
        task = a_task(status=Status.PENDING_APPROVAL, updated_at=timestamp(NOON - LATER))
        assert self.decided(FakeServices(), task) is ApprovalOutcome.APPROVED

    def test_do_not_count_for_a_changed_task(self) -> None:
        task = a_task(status=Status.PENDING_APPROVAL, updated_at=timestamp(NOON + LATER))
        assert self.decided(FakeServices(), task) is ApprovalOutcome.ASKED_AGAIN

    @pytest.mark.parametrize(("waits_since", "delivered"), [(NOON, True), (NOON + LATER, False)])
    def test_end_a_wait_that_began_before_them(self, waits_since: Any, delivered: bool) -> None:
        services = FakeServices()
        verdict = Verdict(kind="decided", approval=an_approval(version=None), correlation_id="grace")
        record = approval_record("task", "token", verdict, requested_at=timestamp(waits_since))

        stream(deliver_decision, compose=lambda *_: services)({"Records": [record]}, None)

        assert ("token" in services.workflow.delivered) is delivered

    def test_end_a_wait_without_a_version(self) -> None:
        services = FakeServices()
        verdict = Verdict(kind="decided", approval=an_approval(version=None), correlation_id="grace")
        record = approval_record("task", "token", verdict, version=None)

        stream(deliver_decision, compose=lambda *_: services)({"Records": [record]}, None)

        assert services.workflow.delivered == {"token": verdict}


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["a", "b"]),
        "description": st.sampled_from(["", "c"]),
        "tags": st.sampled_from([(), ("home",)]),
        "priority": st.sampled_from(Priority),
        "status": st.sampled_from(Status),
    },
).filter(bool)
STEPS = st.lists(
    EDITS
    | st.tuples(st.sampled_from(["approve", "reject", "approve"]), st.none() | st.integers(1, 6))
    | st.sampled_from(["advance", "advance", "time out"]),
    max_size=24,
)


def does(world: World, what: Any) -> None:
    if what == "advance":
        world.advance()
    elif what == "time out":
        world.time_out()
    elif isinstance(what, dict):
        world.edit(**what)
    else:
        decision, seen = what
        if seen is not None and seen != world.task.version:
            with pytest.raises(VersionMismatch):
                world.decide(decision, seen)
        else:
            world.decide(decision, seen)


@settings(max_examples=300)
@given(STEPS)
def test_an_approved_task_is_the_one_that_was_decided_on(steps: list[Any]) -> None:
    """Owners, approvers, the workflow and the deadline act in any order."""
    world = World()

    for what in steps:
        try:
            does(world, what)
        except (Conflict, LostRace):
            continue
        task = world.task
        if task.approval is not None:
            assert task.approval.task_version is not None
            decided_on = world.versions[task.approval.task_version]
            assert (task.title, task.description) == (decided_on.title, decided_on.description)

    # In every case a waiting task can be decided on, and its workflow applies the decision.
    for _ in range(4):
        world.advance()
    if world.task.status is Status.PENDING_APPROVAL:
        version = world.task.version
        world.decide("approve", version)
        for _ in range(3):
            world.advance()
        assert (world.task.status, world.task.version) == (Status.APPROVED, version + 1)


class TestTheRace:
    """The decision is written, and the owner edits the task before the workflow applies it."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.advance()
        world.decide("approve", 1)
        world.edit(title="b")
        world.advance()  # the verdict arrives
        world.advance()  # and is applied
        return world

    def test_the_decision_does_not_count(self, world: World) -> None:
        assert (world.task.status, world.task.approval) == (Status.PENDING_APPROVAL, None)
        assert world.services.meter.values["Approvals"] == []

    def test_approvers_are_notified_again_about_the_new_version(self, world: World) -> None:
        world.advance()

        told = [data for subject, data, *_ in world.services.notifications.published]
        assert len(told) == 2
        assert '"version": 2, "title": "b"' in told[1]

    def test_the_overtaken_decision_does_not_wake_the_workflow_again(self, world: World) -> None:
        for _ in range(5):
            world.advance()
        assert list(world.states.values()) == ["wait"]

    def test_the_next_decision_counts(self, world: World) -> None:
        world.advance()
        world.decide("reject", 2)
        world.advance()
        world.advance()

        assert world.task.status is Status.REJECTED
        assert world.task.approval is not None
        assert world.task.approval.task_version == 2

    def test_a_deadline_applies_to_the_latest_version(self, world: World) -> None:
        world.advance()
        world.edit(title="c")

        world.time_out()
        world.advance()

        assert (world.task.status, world.task.title) == (Status.REJECTED, "c")

    def test_the_removal_of_the_task_ends_the_wait(self, world: World) -> None:
        world.advance()
        task = world.task

        world.services.tasks.delete(task, "removal")
        (deleted,) = events_of(Write(task, None, "removal", timestamp(NOON)))
        reactions.on_deleted(deleted, world.services.approvals)
        world.advance()

        assert list(world.states.values()) == ["apply"]
        assert world.services.approvals.verdicts[task.task_id].kind == "cancelled"


def test_a_removed_tasks_decision_is_not_overtaken_by_its_removal() -> None:
    """The decision was made on the version that was removed: the first write holds."""
    world = World()
    world.decide("approve")

    world.services.approvals.cancel(world.task_id, 1, "removal")

    assert world.services.approvals.verdicts[world.task_id].kind == "decided"


def test_an_older_decision_never_replaces_a_newer() -> None:
    services = FakeServices()
    newer = services.approvals.decide("task", an_approval(version=3), "newer")
    assert services.approvals.decide("task", an_approval("reject", version=2), "older") == newer


def test_deciding_on_another_version_than_the_tasks_is_stale() -> None:
    task = next_version(a_task(status=Status.PENDING_APPROVAL), NOON, title="b")
    with pytest.raises(StaleVersion):
        decide(task, an_approval(version=1), NOON)
