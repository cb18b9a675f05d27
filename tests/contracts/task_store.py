"""What every TaskStore must do. The fake is held to it in tests/unit, DynamoDB in tests/integration."""

import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.core.errors import StaleVersion
from services.core.ids import new_task_id
from services.core.listing import TaskFilter
from services.core.moments import epoch_seconds
from services.core.ports import IdempotencyRecord, TaskStore
from services.core.status import Status
from services.core.task import Task, next_version
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON

UNICODE = "Grüße, 世界 🌍 \u0000 \x1f 'quoted' \"twice\""


def a_record(task: Task, key: str, expires_at: int | None = None) -> IdempotencyRecord:
    return IdempotencyRecord(key, "fingerprint", task, expires_at or epoch_seconds(NOON) + 60)


class TaskStoreContract:
    """Subclasses give the fixture `store`."""

    def test_returns_the_task_that_was_put(self, store: TaskStore) -> None:
        task = a_task(title=UNICODE, description="x" * 5000, tags=("a", "b"), approval=an_approval())
        store.put_new(task, "cause")
        assert store.get(task.task_id) == task

    def test_an_unknown_id_returns_none(self, store: TaskStore) -> None:
        assert store.get(new_task_id(NOON)) is None

    def test_replaces_the_version_that_was_read(self, store: TaskStore) -> None:
        task = a_task()
        store.put_new(task, "cause")
        changed = next_version(task, NOON, title="Feed the cat", tags=(), status=Status.IN_PROGRESS)

        store.replace(task, changed, "cause")

        assert store.get(task.task_id) == changed

    def test_refuses_to_replace_another_version(self, store: TaskStore) -> None:
        task = a_task()
        store.put_new(task, "cause")
        store.replace(task, next_version(task, NOON, title="first"), "cause")

        with pytest.raises(StaleVersion):
            store.replace(task, next_version(task, NOON, title="second"), "cause")

        found = store.get(task.task_id)
        assert found is not None
        assert found.title == "first"

    def test_refuses_to_replace_a_missing_task(self, store: TaskStore) -> None:
        task = a_task()
        with pytest.raises(StaleVersion):
            store.replace(task, next_version(task, NOON, title="late"), "cause")
        assert store.get(task.task_id) is None

    def test_deletes(self, store: TaskStore) -> None:
        task = a_task()
        store.put_new(task, "cause")

        store.delete(task, "cause")

        assert store.get(task.task_id) is None

    def test_refuses_to_delete_another_version(self, store: TaskStore) -> None:
        task = a_task()
        store.put_new(task, "cause")
        changed = next_version(task, NOON, title="newer")
        store.replace(task, changed, "cause")

        with pytest.raises(StaleVersion):
            store.delete(task, "cause")

        assert store.get(task.task_id) == changed

    def test_an_idempotency_key_stores_one_task(self, store: TaskStore) -> None:
        first, second, key = a_task(), a_task(), uuid4().hex
        now = epoch_seconds(NOON)

        assert store.put_new_once(a_record(first, key), now, "cause").task == first
        assert store.put_new_once(a_record(second, key), now, "cause").task == first
        assert store.get(first.task_id) == first
        assert store.get(second.task_id) is None

    def test_an_expired_idempotency_key_may_be_used_again(self, store: TaskStore) -> None:
        first, second, key = a_task(), a_task(), uuid4().hex
        now = int(time.time())
        store.put_new_once(a_record(first, key, expires_at=now + 5), now, "cause")

        assert store.put_new_once(a_record(second, key, now + 60), now + 5, "cause").task == second
        assert store.get(second.task_id) == second

    def test_an_idempotency_key_counts_until_the_second_in_which_it_expires(self, store: TaskStore) -> None:
        first, second, key = a_task(), a_task(), uuid4().hex
        now = int(time.time())
        store.put_new_once(a_record(first, key, expires_at=now + 60), now, "cause")

        assert store.put_new_once(a_record(second, key, now + 90), now + 59, "cause").task == first
        assert store.get(second.task_id) is None
        assert store.put_new_once(a_record(second, key, now + 90), now + 60, "cause").task == second

    def test_lists_a_users_tasks_newest_first(self, store: TaskStore) -> None:
        user = uuid4().hex
        tasks = _put(store, 5, user)

        page = store.newest(TaskFilter(user_id=user), 10, None)

        assert page.tasks == tuple(reversed(tasks))
        assert page.last_seen is None

    def test_pages_have_no_gap_or_overlap(self, store: TaskStore) -> None:
        user = uuid4().hex
        tasks = _put(store, 5, user)
        seen: list[Task] = []
        after = None

        for expected in (2, 2, 1):
            page = store.newest(TaskFilter(user_id=user), 2, after)
            assert len(page.tasks) == expected
            seen += page.tasks
            after = page.last_seen

        assert after is None
        assert seen == list(reversed(tasks))

    def test_a_full_last_page_has_no_cursor(self, store: TaskStore) -> None:
        user = uuid4().hex
        _put(store, 2, user)
        assert store.newest(TaskFilter(user_id=user), 2, None).last_seen is None

    def test_filters_combine(self, store: TaskStore) -> None:
        user = uuid4().hex
        tasks = _put(store, 6, user)
        for task in tasks[::2]:
            store.replace(task, next_version(task, NOON, status=Status.IN_PROGRESS), "cause")

        found = store.newest(TaskFilter(Status.IN_PROGRESS, user), 10, None).tasks

        assert [task.task_id for task in found] == [task.task_id for task in reversed(tasks[::2])]

    def test_a_full_last_page_of_a_status_has_no_cursor(self, store: TaskStore) -> None:
        user = uuid4().hex
        tasks = _put(store, 3, user)
        for task in tasks[1:]:
            store.replace(task, next_version(task, NOON, status=Status.IN_PROGRESS), "cause")

        page = store.newest(TaskFilter(Status.IN_PROGRESS, user), 2, None)

        assert (len(page.tasks), page.last_seen) == (2, None)

    def test_the_cursors_lead_to_a_task_beyond_many_of_another_status(self, store: TaskStore) -> None:
        user = uuid4().hex
        oldest = a_task(user_id=user, status=Status.IN_PROGRESS)
        store.put_new(oldest, "cause")
        _put(store, 12, user)

        page = store.newest(TaskFilter(Status.IN_PROGRESS, user), 1, None)
        while not page.tasks and page.last_seen is not None:
            page = store.newest(TaskFilter(Status.IN_PROGRESS, user), 1, page.last_seen)

        assert page.tasks == (oldest,)

    def test_lists_across_statuses_newest_first(self, store: TaskStore) -> None:
        # Other tests share the store: these tasks are the newest there are.
        start = datetime(2100, 1, 1, tzinfo=UTC)
        tasks = [
            a_task(task_id=new_task_id(start.replace(microsecond=number * 1000)), status=status)
            for number, status in enumerate(Status)
        ]
        for task in tasks:
            store.put_new(task, "cause")

        first = store.newest(TaskFilter(), 4, None)
        second = store.newest(TaskFilter(), 2, first.last_seen)

        assert first.tasks + second.tasks == tuple(reversed(tasks))

        for task in tasks:
            store.delete(task, "cause")

    def test_lists_by_status(self, store: TaskStore) -> None:
        task = a_task(status=Status.REJECTED, task_id=new_task_id(datetime(2101, 1, 1, tzinfo=UTC)))
        store.put_new(task, "cause")

        assert store.newest(TaskFilter(Status.REJECTED), 1, None).tasks == (task,)
        assert task not in store.newest(TaskFilter(Status.PENDING), 100, None).tasks

        store.delete(task, "cause")


def _put(store: TaskStore, number: int, user: str) -> list[Task]:
    tasks = [a_task(user_id=user) for _ in range(number)]
    for task in tasks:
        store.put_new(task, "cause")
    return tasks
