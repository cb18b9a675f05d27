"""Deciding, timing out and applying: the first verdict holds, and is applied once."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from services.core.approvals import (
    LATE_START,
    ApprovalOutcome,
    ApprovalRequest,
    Check,
    apply,
    check,
    decide_approval,
    expire,
)
from services.core.callers import ANYONE
from services.core.errors import Conflict, StaleVersion, TaskNotFound
from services.core.event import Write
from services.core.events import events_of
from services.core.ids import new_task_id
from services.core.moments import timestamp
from services.core.status import Decision, Priority, Status
from services.core.task import Approval, Task, TaskChanges, change
from services.core.verdicts import Verdict, Waiting
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, FakeServices, InMemoryTaskStore, Ticking

DAY = timedelta(days=1)


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


def waiting(services: FakeServices) -> Task:
    return stored(services, status=Status.PENDING_APPROVAL, priority=Priority.HIGH)


def stored(services: FakeServices, **fields: object) -> Task:
    task = a_task(**fields)
    services.tasks.put_new(task, "cause")
    return task


def decide(services: FakeServices, task_id: str, decision: Decision, by: str = "grace") -> Approval:
    request = ApprovalRequest(decision=decision, approver=by, reason=f"said {by}")
    return decide_approval(
        services.tasks,
        services.approvals,
        task_id,
        request,
        caller=ANYONE,
        clock=services.clock,
        correlation_id=by,
    )


def time_out(services: FakeServices, task_id: str, decision: Decision = "reject") -> Verdict:
    return expire(
        services.tasks,
        services.approvals,
        task_id,
        decision,
        DAY,
        clock=services.clock,
        correlation_id="timer",
    )


def brought(services: FakeServices, task_id: str) -> ApprovalOutcome:
    return apply(services.tasks, task_id, services.approvals.verdicts[task_id], clock=services.clock)


class TestDeciding:
    def test_writes_who_decided_what_when_and_why(self, services: FakeServices) -> None:
        task = waiting(services)

        approval = decide(services, task.task_id, "approve")

        assert services.approvals.verdicts[task.task_id] == Verdict(
            kind="decided", approval=approval, correlation_id="grace"
        )
        assert (approval.decision, approval.approver, approval.reason) == ("approve", "grace", "said grace")
        assert approval.decided_at == "2026-01-31T12:00:00.000Z"

    def test_leaves_the_task_unchanged(self, services: FakeServices) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve")
        assert services.tasks.get(task.task_id) == task

    @pytest.mark.parametrize("second", ["approve", "reject"])
    def test_a_second_decision_is_a_conflict_that_names_the_first(
        self, services: FakeServices, second: Decision
    ) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve", by="first")

        with pytest.raises(Conflict, match="approve by first at 2026-01-31") as refused:
            decide(services, task.task_id, second, by="second")

        assert refused.value.current is Status.PENDING_APPROVAL

    def test_a_decision_for_a_removed_task_is_refused(self, services: FakeServices) -> None:
        task = waiting(services)
        services.approvals.cancel(task.task_id, task.version, "removal")
        with pytest.raises(Conflict, match=r"decided before: the task was removed\.$"):
            decide(services, task.task_id, "approve")

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING_APPROVAL])
    def test_deciding_on_a_task_that_does_not_wait_is_a_conflict_with_its_status(
        self, services: FakeServices, status: Status
    ) -> None:
        task = stored(services, status=status)

        with pytest.raises(Conflict, match=status) as refused:
            decide(services, task.task_id, "approve")

        assert refused.value.current is status
        assert services.approvals.verdicts == {}

    def test_an_unknown_task_is_not_found(self, services: FakeServices) -> None:
        with pytest.raises(TaskNotFound):
            decide(services, new_task_id(NOON), "approve")


class TestTimeout:
    @pytest.mark.parametrize("decision", ["approve", "reject"])
    def test_decides_as_configured(self, services: FakeServices, decision: Decision) -> None:
        approval = time_out(services, waiting(services).task_id, decision).approval

        assert approval is not None
        assert (approval.decision, approval.approver) == (decision, "timeout")
        assert approval.reason == "no decision within 86400 seconds"

    def test_yields_to_an_earlier_decision(self, services: FakeServices) -> None:
        task = waiting(services)
        approval = decide(services, task.task_id, "approve")
        assert time_out(services, task.task_id).approval == approval

    def test_wins_over_a_later_decision(self, services: FakeServices) -> None:
        task = waiting(services)
        time_out(services, task.task_id)
        with pytest.raises(Conflict, match="reject by timeout"):
            decide(services, task.task_id, "approve")

    def test_yields_to_the_removal_of_the_task(self, services: FakeServices) -> None:
        task = waiting(services)
        services.approvals.cancel(task.task_id, task.version, "removal")
        assert time_out(services, task.task_id).kind == "cancelled"

    @pytest.mark.parametrize(
        ("remaining", "kind"),
        [
            (timedelta(hours=23), "cancelled"),
            (LATE_START, "decided"),
            (timedelta(seconds=30), "decided"),
            (-DAY, "decided"),
        ],
        ids=[
            "another's wait has begun",
            "its own, as late as can be",
            "its own, a little late",
            "it is over",
        ],
    )
    def test_decides_only_about_its_own_wait(self, remaining: timedelta, kind: str) -> None:
        """The task was edited after its approval, and waits in another workflow by now."""
        services = FakeServices(clock=lambda: NOON)
        task = waiting(services)
        deadline = timestamp(services.clock() + remaining)
        services.approvals.wait(Waiting(task.task_id, task.version, "token", timestamp(NOON), deadline))

        assert time_out(services, task.task_id).kind == kind
        assert bool(services.approvals.verdicts) is (kind == "decided")

    def test_a_deleted_task_is_cancelled(self, services: FakeServices) -> None:
        """Even if its removal is not in the approvals table yet."""
        assert time_out(services, new_task_id(NOON)).kind == "cancelled"
        assert services.approvals.verdicts == {}


class TestCheck:
    @pytest.mark.parametrize(
        ("priority", "status", "expected"),
        [
            (Priority.HIGH, Status.PENDING_APPROVAL, Check.NEEDS_APPROVAL),
            (Priority.MEDIUM, Status.PENDING, Check.AUTO_APPROVED),
            (Priority.LOW, Status.COMPLETED, Check.AUTO_APPROVED),
            (Priority.HIGH, Status.APPROVED, Check.CANCELLED),
            (Priority.HIGH, Status.REJECTED, Check.CANCELLED),
        ],
    )
    def test_returns_whether_the_task_waits(
        self, services: FakeServices, priority: Priority, status: Status, expected: Check
    ) -> None:
        assert check(services.tasks, stored(services, priority=priority, status=status).task_id) is expected

    def test_a_deleted_task_needs_no_approval(self, services: FakeServices) -> None:
        assert check(services.tasks, new_task_id(NOON)) is Check.CANCELLED


class TestApplying:
    @pytest.mark.parametrize(
        ("decision", "outcome", "status"),
        [
            ("approve", ApprovalOutcome.APPROVED, Status.APPROVED),
            ("reject", ApprovalOutcome.REJECTED, Status.REJECTED),
        ],
    )
    def test_writes_the_decision_to_the_task(
        self, services: FakeServices, decision: Decision, outcome: ApprovalOutcome, status: Status
    ) -> None:
        task = waiting(services)
        approval = decide(services, task.task_id, decision)

        assert brought(services, task.task_id) is outcome
        after = services.tasks.get(task.task_id)
        assert after is not None
        assert (after.status, after.approval, after.version) == (status, approval, 2)

    def test_writes_with_the_correlation_id_of_the_decision(self, services: FakeServices) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve", by="grace")

        brought(services, task.task_id)

        assert isinstance(services.tasks, InMemoryTaskStore)
        assert services.tasks.writes[-1] == ("replace", "grace")

    def test_a_repeat_changes_nothing(self, services: FakeServices) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve")
        brought(services, task.task_id)
        after = services.tasks.get(task.task_id)

        assert brought(services, task.task_id) is ApprovalOutcome.APPROVED
        assert services.tasks.get(task.task_id) == after

    def test_a_repeat_keeps_later_changes(self, services: FakeServices) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve")
        brought(services, task.task_id)
        approved = services.tasks.get(task.task_id)
        assert approved is not None
        begun = change(approved, TaskChanges(status=Status.IN_PROGRESS), NOON)
        services.tasks.replace(approved, begun, "work")

        assert brought(services, task.task_id) is ApprovalOutcome.APPROVED
        assert services.tasks.get(task.task_id) == begun

    def test_a_deleted_task_is_cancelled(self, services: FakeServices) -> None:
        task = waiting(services)
        decide(services, task.task_id, "approve")
        services.tasks.delete(task, "removal")

        assert brought(services, task.task_id) is ApprovalOutcome.CANCELLED

    def test_a_cancelled_approval_leaves_the_task_alone(self, services: FakeServices) -> None:
        task = waiting(services)
        services.approvals.cancel(task.task_id, task.version, "removal")

        assert brought(services, task.task_id) is ApprovalOutcome.CANCELLED
        assert services.tasks.get(task.task_id) == task

    def test_a_decision_for_a_task_that_no_longer_waits_has_no_effect(self, services: FakeServices) -> None:
        task = stored(services, status=Status.PENDING)
        verdict = Verdict(kind="decided", approval=an_approval(), correlation_id="grace")

        assert apply(services.tasks, task.task_id, verdict, clock=services.clock) is ApprovalOutcome.CANCELLED
        assert services.tasks.get(task.task_id) == task

    def test_a_lost_race_raises_for_the_workflow_to_retry(self) -> None:
        services = FakeServices(tasks=Held())
        task = waiting(services)
        decide(services, task.task_id, "approve")

        with pytest.raises(StaleVersion):
            brought(services, task.task_id)


class Held(InMemoryTaskStore):
    """A store in which nothing can be replaced."""

    def replace(self, old: Task, new: Task, correlation_id: str) -> None:
        raise StaleVersion


CONTENDERS: dict[str, Callable[[FakeServices, str], object]] = {
    "approver": lambda services, task_id: decide(services, task_id, "approve"),
    "rejecter": lambda services, task_id: decide(services, task_id, "reject", by="eve"),
    "timeout": time_out,
    "removal": lambda services, task_id: services.approvals.cancel(task_id, 1, "removal"),
}


@pytest.mark.parametrize("sequence", list(permutations(CONTENDERS)), ids="-".join)
def test_the_first_verdict_is_applied_once(services: FakeServices, sequence: tuple[str, ...]) -> None:
    task = waiting(services)

    for contender in sequence:
        try:
            CONTENDERS[contender](services, task.task_id)
        except Conflict:
            assert contender != sequence[0]
        brought(services, task.task_id)

    after = services.tasks.get(task.task_id)
    assert after is not None
    first = {"approver": "grace", "rejecter": "eve", "timeout": "timeout", "removal": None}[sequence[0]]
    assert (after.approval.approver if after.approval else None) == first
    events = [event.detail_type for event in events_of(Write(task, after, "cause", after.updated_at))]
    decisions = {"approver": ["TaskApproved"], "removal": []}.get(sequence[0], ["TaskRejected"])
    assert events[1:] == decisions


def test_the_time_of_a_decision_comes_from_the_clock() -> None:
    services = FakeServices(clock=Ticking(NOON + DAY))

    approval = time_out(services, waiting(services).task_id).approval

    assert approval is not None
    assert approval.decided_at == "2026-02-01T12:00:00.000Z"
