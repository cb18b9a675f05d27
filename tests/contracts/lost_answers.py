"""What every store must do when a write was applied and its answer was lost: the SDK tries again by itself.

In-process in tests/unit, on a local cloud in tests/integration.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from services.core.callers import ANYONE
from services.core.errors import StaleVersion, TaskNotFound, VersionMismatch
from services.core.moments import epoch_seconds
from services.core.ports import ApprovalStore, IdempotencyRecord, TaskStore
from services.core.task import Task, TaskChanges, next_version
from services.core.use_cases import delete_task, update_task
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON
from tests.harness.lost_answers import LossyTransport

CAUSE = "the same for every request"
"""A caller may repeat its correlation id: it must not tell whose write is there."""


class LostAnswersContract:
    """Subclasses give the fixtures `tasks`, `approvals` and `transport`, all on one client."""

    @pytest.fixture
    def task(self, tasks: TaskStore) -> Task:
        task = a_task()
        tasks.put_new(task, CAUSE)
        return task

    def test_a_change_has_succeeded(self, tasks: TaskStore, transport: LossyTransport, task: Task) -> None:
        transport.lose_next_answer("UpdateItem")
        changed = change_title(tasks, task, "b", version=1)
        assert transport.sent["UpdateItem"] == 2
        assert changed.version == 2
        assert tasks.get(task.task_id) == changed

    def test_a_change_has_succeeded_though_another_came_before_the_retry(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        transport.lose_next_answer("UpdateItem", then=lambda: change_title(tasks, task, "theirs"))
        assert change_title(tasks, task, "ours", version=1).version == 2
        found = tasks.get(task.task_id)
        assert found is not None
        assert (found.title, found.version) == ("theirs", 3)

    def test_a_change_that_removes_a_field_has_succeeded(
        self, tasks: TaskStore, transport: LossyTransport
    ) -> None:
        task = a_task(approval=an_approval())
        tasks.put_new(task, CAUSE)
        transport.lose_next_answer("UpdateItem")
        changed = next_version(task, NOON, approval=None)
        tasks.replace(task, changed, CAUSE)
        assert tasks.get(task.task_id) == changed

    def test_a_change_over_anothers_with_the_same_correlation_id_is_still_stale(
        self, tasks: TaskStore, task: Task
    ) -> None:
        change_title(tasks, task, "theirs")
        with pytest.raises(VersionMismatch):
            change_title(tasks, task, "ours", version=1)
        with pytest.raises(StaleVersion):
            tasks.replace(task, next_version(task, NOON, title="theirs"), CAUSE)

    def test_a_change_that_was_refused_before_its_answer_was_lost_is_stale(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """Retried, and nothing on the item is of this write."""
        change_title(tasks, task, "theirs")
        transport.lose_next_answer("UpdateItem")
        with pytest.raises(StaleVersion):
            tasks.replace(task, next_version(task, NOON, title="ours"), CAUSE)
        assert transport.sent["UpdateItem"] == 3

    @pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
    def test_a_removal_has_succeeded(
        self, tasks: TaskStore, transport: LossyTransport, task: Task, operation: str
    ) -> None:
        transport.lose_next_answer(operation)
        remove(tasks, task, version=1)
        assert transport.sent[operation] == 2
        assert tasks.get(task.task_id) is None

    def test_a_removal_that_another_was_quicker_with_is_not_found(self, tasks: TaskStore, task: Task) -> None:
        remove(tasks, task)
        with pytest.raises(TaskNotFound):
            remove(tasks, task)
        with pytest.raises(StaleVersion):
            tasks.delete(task, CAUSE)

    def test_a_removal_that_was_not_tried_twice_is_not_ours(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """Another request removes the task after this one has noted the cause on it."""
        transport.follow_next_answer("UpdateItem", then=lambda: remove(tasks, task))
        with pytest.raises(TaskNotFound):
            remove(tasks, task)

    def test_a_removal_of_a_task_that_changes_before_the_retry_is_made_again(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """The cause was noted, the answer to that lost, and another writer came between."""
        transport.lose_next_answer("UpdateItem", then=lambda: change_title(tasks, task, "theirs"))
        remove(tasks, task)
        assert tasks.get(task.task_id) is None

    def test_a_new_task_is_there(self, tasks: TaskStore, transport: LossyTransport) -> None:
        task = a_task()
        transport.lose_next_answer("PutItem")
        tasks.put_new(task, CAUSE)
        assert transport.sent["PutItem"] == 2
        assert tasks.get(task.task_id) == task

    def test_a_new_task_under_a_key_is_no_replay(self, tasks: TaskStore, transport: LossyTransport) -> None:
        record = IdempotencyRecord(uuid4().hex, "fingerprint", a_task(), epoch_seconds(NOON) + 60)
        transport.lose_next_answer("TransactWriteItems")
        held = tasks.put_new_once(record, epoch_seconds(NOON), CAUSE)
        assert transport.sent["TransactWriteItems"] == 2
        assert held.task == record.task == tasks.get(record.task.task_id)

    def test_a_decision_was_taken(self, approvals: ApprovalStore, transport: LossyTransport) -> None:
        task_id, approval = uuid4().hex, an_approval()
        transport.lose_next_answer("UpdateItem")
        assert approvals.decide(task_id, approval, CAUSE).approval == approval
        assert transport.sent["UpdateItem"] == 2

    def test_a_decision_that_another_was_quicker_with_was_not(
        self, approvals: ApprovalStore, transport: LossyTransport
    ) -> None:
        task_id = uuid4().hex
        approvals.decide(task_id, an_approval("reject"), CAUSE)
        transport.lose_next_answer("UpdateItem")
        later = an_approval().model_copy(update={"decided_at": "2026-01-31T12:00:00.001Z"})
        assert approvals.decide(task_id, later, CAUSE).approval == an_approval("reject")

    def test_the_retention_is_set(
        self, tasks: TaskStore, transport: LossyTransport, task: Task, expiry: Callable[[str], int]
    ) -> None:
        at = epoch_seconds(NOON + timedelta(days=90))
        transport.lose_next_answer("UpdateItem")
        tasks.expire(task.task_id, at)  # type: ignore[attr-defined]  # Retention is the same table
        assert expiry(task.task_id) == at


def change_title(tasks: TaskStore, task: Task, title: str, version: int | None = None) -> Task:
    """As PUT does; `version` as in If-Match."""
    return update_task(
        tasks,
        task.task_id,
        TaskChanges(title=title),
        caller=ANYONE,
        clock=lambda: NOON,
        correlation_id=CAUSE,
        precondition=None if version is None else lambda found: found.version == version,
    )


def remove(tasks: TaskStore, task: Task, version: int | None = None) -> None:
    """As DELETE does."""
    delete_task(
        tasks,
        task.task_id,
        caller=ANYONE,
        correlation_id=CAUSE,
        precondition=None if version is None else lambda found: found.version == version,
    )
