"""What every ApprovalStore must do. The fake is held to it in tests/unit, DynamoDB in tests/integration."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.core.approvals import ApprovalStore, Verdict, Waiting
from services.core.moments import timestamp
from tests.builders import an_approval
from tests.fakes import NOON

THREADS = 6

Held = Callable[[str], tuple[str | None, Verdict | None]]
"""Task id → the token and the verdict that the store holds: what its stream shows."""


def waiting(task_id: str, token: str) -> Waiting:
    return Waiting(task_id, token, requested_at=timestamp(NOON), deadline=timestamp(NOON))


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

    def test_a_decision_after_the_token_stands_beside_it(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.wait(waiting(task, "token"))
        store.decide(task, an_approval(), "cause")
        assert held(task) == ("token", decided("approve", "cause"))

    def test_a_decision_before_the_token_stands_beside_it(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.decide(task, an_approval(), "cause")
        store.wait(waiting(task, "token"))
        assert held(task) == ("token", decided("approve", "cause"))

    def test_a_later_token_takes_the_place_of_an_earlier(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.wait(waiting(task, "old"))
        store.wait(waiting(task, "new"))
        assert held(task) == ("new", None)

    def test_cancelling_ends_the_wait(self, store: ApprovalStore, held: Held, task: str) -> None:
        store.wait(waiting(task, "token"))
        store.cancel(task, "cause")
        assert held(task) == ("token", Verdict(kind="cancelled", correlation_id="cause"))

    def test_cancelling_what_was_decided_is_without_effect(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        store.decide(task, an_approval(), "cause")
        store.cancel(task, "late")
        assert held(task) == (None, decided("approve", "cause"))

    def test_deciding_what_was_cancelled_is_without_effect(self, store: ApprovalStore, task: str) -> None:
        store.cancel(task, "cause")
        store.cancel(task, "again")
        cancelled = Verdict(kind="cancelled", correlation_id="cause")
        assert store.decide(task, an_approval(), "late") == cancelled

    def test_tasks_are_decided_apart(self, store: ApprovalStore, task: str) -> None:
        store.decide(uuid4().hex, an_approval("reject"), "other")
        assert store.decide(task, an_approval(), "cause") == decided("approve", "cause")

    def test_of_many_deciders_one_is_first_and_all_learn_who(
        self, store: ApprovalStore, held: Held, task: str
    ) -> None:
        def decide(number: int) -> Verdict:
            return store.decide(task, an_approval("approve" if number % 2 else "reject"), str(number))

        with ThreadPoolExecutor(THREADS) as pool:
            verdicts = list(pool.map(decide, range(THREADS)))
        assert verdicts == [verdicts[0]] * THREADS
        assert held(task) == (None, verdicts[0])
