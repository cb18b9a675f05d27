"""What every ApprovalStore must do. The fake is held to it in tests/unit, DynamoDB in tests/integration."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from services.core.moments import timestamp
from services.core.ports import ApprovalStore
from services.core.verdicts import Verdict, Waiting
from tests.harness.builders import an_approval
from tests.harness.fakes import NOON

THREADS = 6

Held = Callable[[str], tuple[str | None, Verdict | None]]
"""Task id → the token and the verdict that the store holds: what its stream shows."""


def waiting(task_id: str, token: str, version: int = 1) -> Waiting:
    return Waiting(task_id, version, token, requested_at=timestamp(NOON), deadline=timestamp(NOON))


def decided(decision: str, correlation_id: str) -> Verdict:
    return Verdict(kind="decided", approval=an_approval(decision), correlation_id=correlation_id)


class ApprovalStoreContract:
    """Subclasses give the fixtures `store` and `held`."""

    @pytest.fixture
    def task(self) -> str:
        return uuid4().hex

    def test_gives_the_verdict_that_was_written(self, store: ApprovalStore, held: Held, task: str) -> None:
        assert store.decide(task, an_approval("reject"), "cause") == decided("reject", "cause")
        assert held(task) == (None, decided("reject", "cause"))

    def test_the_first_decision_holds(self, store: ApprovalStore, held: Held, task: str) -> None:
        store.decide(task, an_approval("reject"), "first")
        assert store.decide(task, an_approval("approve"), "second") == decided("reject", "first")
        assert held(task) == (None, decided("reject", "first"))

    def test_the_same_decision_again_is_recognised(self, store: ApprovalStore, task: str) -> None:
        first = store.decide(task, an_approval(), "cause")
        assert store.decide(task, an_approval(), "cause") == first

    def test_a_decision_without_a_reason_comes_back_as_it_was(self, store: ApprovalStore, task: str) -> None:
        approval = an_approval().model_copy(update={"reason": None})
        store.decide(task, approval, "cause")
        assert store.decide(task, an_approval("reject"), "late").approval == approval

    def test_a_decision_after_the_token_is_stored_beside_it(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.wait(waiting(task, "token"))
        store.decide(task, an_approval(), "cause")
        assert held(task) == ("token", decided("approve", "cause"))

    def test_a_decision_before_the_token_is_stored_beside_it(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.decide(task, an_approval(), "cause")
        store.wait(waiting(task, "token"))
        assert held(task) == ("token", decided("approve", "cause"))

    def test_the_deadline_is_known_from_the_wait_on(self, store: ApprovalStore, task: str) -> None:
        assert store.deadline(task) is None
        store.decide(task, an_approval(), "cause")
        assert store.deadline(task) is None

        store.wait(waiting(task, "token"))

        assert store.deadline(task) == timestamp(NOON)

    def test_a_later_token_replaces_an_earlier_one(self, store: ApprovalStore, held: Held, task: str) -> None:
        store.wait(waiting(task, "old"))
        store.wait(waiting(task, "new"))
        assert held(task) == ("new", None)

    def test_cancelling_ends_the_wait(self, store: ApprovalStore, held: Held, task: str) -> None:
        store.wait(waiting(task, "token"))
        store.cancel(task, 1, "cause")
        assert held(task) == ("token", Verdict(kind="cancelled", correlation_id="cause"))

    def test_cancelling_a_decided_approval_has_no_effect(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.decide(task, an_approval(), "cause")
        store.cancel(task, 1, "late")
        assert held(task) == (None, decided("approve", "cause"))

    def test_deciding_a_cancelled_approval_has_no_effect(self, store: ApprovalStore, task: str) -> None:
        store.cancel(task, 1, "cause")
        store.cancel(task, 1, "again")
        cancelled = Verdict(kind="cancelled", correlation_id="cause")

        assert store.decide(task, an_approval(), "late") == cancelled

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    def test_a_decision_on_a_later_version_replaces_an_overtaken_one(
        self, store: ApprovalStore, held: Held, task: str, decision: str
    ) -> None:
        store.wait(waiting(task, "token"))
        store.decide(task, an_approval("approve", version=1), "first")

        later = store.decide(task, an_approval(decision, version=3), "second")

        assert (later.approval, later.correlation_id) == (an_approval(decision, version=3), "second")
        assert held(task) == ("token", later)

    def test_a_decision_on_an_earlier_version_has_no_effect(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        later = store.decide(task, an_approval("reject", version=3), "first")
        assert store.decide(task, an_approval("approve", version=2), "second") == later
        assert held(task) == (None, later)

    def test_the_removal_of_a_later_version_replaces_an_overtaken_decision(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.decide(task, an_approval(version=1), "decision")
        store.cancel(task, 2, "removal")
        assert held(task) == (None, Verdict(kind="cancelled", correlation_id="removal"))

    def test_a_decision_of_an_earlier_release_holds_for_the_current_wait(
        self, store: ApprovalStore, task: str
    ) -> None:
        """It names no version, and was made after the wait began."""
        store.wait(waiting(task, "token"))
        first = store.decide(task, an_approval(version=None), "first")
        assert store.decide(task, an_approval("reject", version=1), "second") == first

    def test_a_decision_of_an_earlier_release_is_overtaken_by_a_later_wait(
        self, store: ApprovalStore, task: str
    ) -> None:
        store.decide(task, an_approval(version=None), "first")
        asked_again = timestamp(NOON + timedelta(minutes=1))
        store.wait(Waiting(task, 3, "token", requested_at=asked_again, deadline=asked_again))

        assert store.decide(task, an_approval("reject", version=3), "second").correlation_id == "second"

    def test_decisions_on_two_tasks_are_independent(self, store: ApprovalStore, task: str) -> None:
        store.decide(uuid4().hex, an_approval("reject"), "other")
        assert store.decide(task, an_approval(), "cause") == decided("approve", "cause")

    def test_concurrent_decisions_all_return_the_first(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        def decide(number: int) -> Verdict:
            return store.decide(task, an_approval("approve" if number % 2 else "reject"), str(number))

        with ThreadPoolExecutor(THREADS) as pool:
            verdicts = list(pool.map(decide, range(THREADS)))

        assert verdicts == [verdicts[0]] * THREADS
        assert held(task) == (None, verdicts[0])
