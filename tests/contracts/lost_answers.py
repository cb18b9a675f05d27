"""What every store must do when a write was applied and its answer was lost: the SDK retries by itself.

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
"""A caller may repeat its correlation id, so the id must not identify a write."""


class LostAnswersContract:
    """Subclasses give the fixtures `tasks`, `approvals` and `transport`, all on one client."""

    @pytest.fixture
    def task(self, tasks: TaskStore) -> Task:
        task = a_task()
        tasks.put_new(task, CAUSE)
        return task

    def test_a_retried_change_succeeds(self, tasks: TaskStore, transport: LossyTransport, task: Task) -> None:
        transport.lose_next_answer("UpdateItem")

        changed = change_title(tasks, task, "b", version=1)

        assert transport.sent["UpdateItem"] == 2
        assert changed.version == 2
        assert tasks.get(task.task_id) == changed

    def test_a_retried_change_succeeds_after_another_change(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        transport.lose_next_answer("UpdateItem", then=lambda: change_title(tasks, task, "theirs"))

        assert change_title(tasks, task, "ours", version=1).version == 2
        found = tasks.get(task.task_id)
        assert found is not None
        assert (found.title, found.version) == ("theirs", 3)

    def test_a_retried_change_that_removes_a_field_succeeds(
        self, tasks: TaskStore, transport: LossyTransport
    ) -> None:
        task = a_task(approval=an_approval())
        tasks.put_new(task, CAUSE)
        transport.lose_next_answer("UpdateItem")
        changed = next_version(task, NOON, approval=None)

        tasks.replace(task, changed, CAUSE)

        assert tasks.get(task.task_id) == changed

    def test_a_stale_change_with_the_same_correlation_id_is_refused(
        self, tasks: TaskStore, task: Task
    ) -> None:
        change_title(tasks, task, "theirs")
        with pytest.raises(VersionMismatch):
            change_title(tasks, task, "ours", version=1)
        with pytest.raises(StaleVersion):
            tasks.replace(task, next_version(task, NOON, title="theirs"), CAUSE)

    def test_a_stale_change_is_refused_when_its_answer_is_lost(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """It is retried, and the item holds nothing of this write."""
        change_title(tasks, task, "theirs")
        transport.lose_next_answer("UpdateItem")

        with pytest.raises(StaleVersion):
            tasks.replace(task, next_version(task, NOON, title="ours"), CAUSE)
        assert transport.sent["UpdateItem"] == 3

    @pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
    def test_a_retried_removal_succeeds(
        self, tasks: TaskStore, transport: LossyTransport, task: Task, operation: str
    ) -> None:
        transport.lose_next_answer(operation)

        remove(tasks, task, version=1)

        assert transport.sent[operation] == 2
        assert tasks.get(task.task_id) is None

    def test_a_second_removal_is_not_found(self, tasks: TaskStore, task: Task) -> None:
        remove(tasks, task)
        with pytest.raises(TaskNotFound):
            remove(tasks, task)
        with pytest.raises(StaleVersion):
            tasks.delete(task, CAUSE)

    def test_a_task_removed_by_another_request_is_not_found(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """Another request removes the task after this one has noted the cause on it."""
        transport.follow_next_answer("UpdateItem", then=lambda: remove(tasks, task))
        with pytest.raises(TaskNotFound):
            remove(tasks, task)

    def test_a_removal_is_repeated_when_the_task_changes_before_the_retry(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """The cause was written, the answer was lost, and another writer changed the task."""
        transport.lose_next_answer("UpdateItem", then=lambda: change_title(tasks, task, "theirs"))
        remove(tasks, task)
        assert tasks.get(task.task_id) is None

    def test_a_retried_creation_succeeds(self, tasks: TaskStore, transport: LossyTransport) -> None:
        task = a_task()
        transport.lose_next_answer("PutItem")

        tasks.put_new(task, CAUSE)

        assert transport.sent["PutItem"] == 2
        assert tasks.get(task.task_id) == task

    def test_a_retried_creation_keeps_a_later_change(
        self, tasks: TaskStore, transport: LossyTransport
    ) -> None:
        """The task was created, the answer was lost, and another request changed the task."""
        task = a_task()
        transport.lose_next_answer("PutItem", then=lambda: change_title(tasks, task, "theirs"))

        tasks.put_new(task, CAUSE)

        found = tasks.get(task.task_id)
        assert found is not None
        assert (found.title, found.version) == ("theirs", 2)

    def test_a_retried_creation_with_a_key_is_no_replay(
        self, tasks: TaskStore, transport: LossyTransport
    ) -> None:
        record = IdempotencyRecord(uuid4().hex, "fingerprint", a_task(), epoch_seconds(NOON) + 60)
        transport.lose_next_answer("TransactWriteItems")

        held = tasks.put_new_once(record, epoch_seconds(NOON), CAUSE)

        assert transport.sent["TransactWriteItems"] == 2
        assert held.task == record.task == tasks.get(record.task.task_id)

    def test_a_retried_decision_is_taken(self, approvals: ApprovalStore, transport: LossyTransport) -> None:
        task_id, approval = uuid4().hex, an_approval()
        transport.lose_next_answer("UpdateItem")

        assert approvals.decide(task_id, approval, CAUSE).approval == approval
        assert transport.sent["UpdateItem"] == 2

    def test_a_retried_later_decision_is_not_taken(
        self, approvals: ApprovalStore, transport: LossyTransport
    ) -> None:
        task_id = uuid4().hex
        approvals.decide(task_id, an_approval("reject"), CAUSE)
        transport.lose_next_answer("UpdateItem")
        later = an_approval().model_copy(update={"decided_at": "2026-01-31T12:00:00.001Z"})

        assert approvals.decide(task_id, later, CAUSE).approval == an_approval("reject")

    def test_a_retried_expiry_is_set(
        self, tasks: TaskStore, transport: LossyTransport, task: Task, expiry: Callable[[str], int]
    ) -> None:
        at = epoch_seconds(NOON + timedelta(days=90))
        transport.lose_next_answer("UpdateItem")

        tasks.expire(task.task_id, at)  # type: ignore[attr-defined]  # Retention is the same table

        assert expiry(task.task_id) == at

    def test_a_retried_expiry_of_a_deleted_task_needs_no_read(
        self, tasks: TaskStore, transport: LossyTransport, task: Task
    ) -> None:
        """The function that sets it has no right to read."""
        transport.lose_next_answer("UpdateItem", then=lambda: tasks.delete(task, CAUSE))

        tasks.expire(task.task_id, 0)  # type: ignore[attr-defined]  # Retention is the same table

        assert transport.sent["GetItem"] == 0
        assert tasks.get(task.task_id) is None


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
