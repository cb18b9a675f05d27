"""A sharded status lists like an unsharded one: in order, in pages, and while the number of shards rises."""

from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.dynamodb.shards import STATUS_SHARD, shard_of, shards_of, status_shard
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_to_item
from services.core.errors import ServiceUnavailable
from services.core.listing import Page, TaskFilter
from services.core.ports import TaskStore
from services.core.status import Status
from services.core.task import Task, next_version
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, InMemoryTaskStore
from tests.unit.adapters.indexed_table import IndexedTable

SHARDS = st.integers(1, 100)
# No tasks, or more than one page of a status.
STATUSES = st.lists(st.sampled_from(Status), max_size=25)
FILTERS = st.sampled_from([None, *Status]).map(TaskFilter)


def store_of(table: Any, shards: int) -> DynamoDBTaskStore:
    return DynamoDBTaskStore(table, "tasks", status_shards=shards)


def pages(store: TaskStore, listing: TaskFilter, limit: int) -> list[Page]:
    found = [store.newest(listing, limit, None)]
    while (last := found[-1].last_seen) is not None:
        found.append(store.newest(listing, limit, last))
    return found


@given(st.sampled_from(Status), st.uuids(), SHARDS)
def test_a_task_lies_in_one_shard_of_its_status_and_of_no_other(
    status: Status, task_id: Any, shards: int
) -> None:
    key = status_shard(status, str(task_id), shards)

    assert 0 <= shard_of(str(task_id), shards) < shards
    assert [other for each in Status for other in shards_of(each, shards)].count(key) == 1
    assert key in shards_of(status, shards)


@given(st.uuids(), SHARDS, SHARDS)
def test_more_shards_include_every_earlier_shard(task_id: Any, shards: int, more: int) -> None:
    assert status_shard("pending", str(task_id), shards) in shards_of("pending", shards + more)


@pytest.mark.parametrize(
    "listing", [TaskFilter(user_id="ada"), TaskFilter(Status.PENDING)], ids=["user", "status"]
)
@pytest.mark.parametrize("limit", [4, 5])
def test_a_page_is_filled_from_several_answers(listing: TaskFilter, limit: int) -> None:
    """DynamoDB answers a megabyte at a time, which may be fewer items than were asked for."""
    table = IndexedTable(most=2)
    tasks = [a_task(user_id="ada") for _ in range(7)]
    store = store_of(table, 1)
    for task in tasks:
        store.put_new(task, "cause")

    page = store.newest(listing, limit, None)

    newest = sorted((task.task_id for task in tasks), reverse=True)
    assert [task.task_id for task in page.tasks] == newest[:limit]
    assert page.last_seen == newest[limit - 1]
    assert len(table.asked) == 3


@given(STATUSES, FILTERS, st.integers(1, 8), st.integers(1, 9))
def test_the_pages_are_those_of_a_store_without_shards(
    statuses: list[Status], listing: TaskFilter, limit: int, shards: int
) -> None:
    whole, spread = InMemoryTaskStore(), store_of(IndexedTable(), shards)
    for task in (a_task(status=status) for status in statuses):
        whole.put_new(task, "cause")
        spread.put_new(task, "cause")

    assert pages(spread, listing, limit) == pages(whole, listing, limit)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4).map(sorted), st.data())
def test_the_number_of_shards_may_rise_between_writes_and_pages(rising: list[int], data: Any) -> None:
    table, tasks = IndexedTable(), list[Task]()
    for shards in rising:
        for status in data.draw(STATUSES):
            tasks.append(a_task(status=status))
            store_of(table, shards).put_new(tasks[-1], "cause")

    seen, after, shards = list[str](), None, rising[-1]
    while True:
        store = store_of(table, shards)
        page = store.newest(TaskFilter(), 5, after)
        seen += [task.task_id for task in page.tasks]
        if (after := page.last_seen) is None:
            break
        shards += data.draw(st.integers(0, 3))
        for number in data.draw(st.sets(st.integers(0, len(tasks) - 1), max_size=3)):
            changed = next_version(tasks[number], NOON, status=data.draw(st.sampled_from(Status)))
            store.replace(tasks[number], changed, "cause")
            tasks[number] = changed

    assert seen == [task.task_id for task in reversed(tasks)]


@pytest.mark.parametrize("shards", [1, 3])
def test_a_list_queries_each_shard_of_each_status_once(shards: int) -> None:
    for listing, statuses in ((TaskFilter(), list(Status)), (TaskFilter(Status.PENDING), [Status.PENDING])):
        table = IndexedTable()
        store_of(table, shards).newest(listing, 20, None)
        assert sorted(table.asked) == sorted(f"{s}#{n}" for s in statuses for n in range(shards))


def test_shards_are_read_concurrently() -> None:
    class Waiting(IndexedTable):
        """Answers no query before the third has arrived."""

        three = Barrier(3)

        def query(self, **request: Any) -> dict[str, Any]:
            self.three.wait(timeout=10)
            return super().query(**request)

    table, task = Waiting(), a_task()
    store = store_of(table, 3)
    store.put_new(task, "cause")

    assert store.newest(TaskFilter(Status.PENDING), 20, None).tasks == (task,)


@pytest.mark.parametrize("shards", [1, 3])
def test_an_unreadable_shard_raises(shards: int) -> None:
    class Throttled(IndexedTable):
        """Refuses the last shard."""

        def query(self, **request: Any) -> dict[str, Any]:
            if request["ExpressionAttributeValues"][":key"]["S"] == f"rejected#{shards - 1}":
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")
            return super().query(**request)

    with pytest.raises(ServiceUnavailable):
        store_of(Throttled(), shards).newest(TaskFilter(), 20, None)


def test_new_tasks_are_spread_over_all_shards() -> None:
    table = IndexedTable()
    store = store_of(table, 3)

    for _ in range(50):
        store.put_new(a_task(), "cause")

    shards = {item[STATUS_SHARD]["S"] for item in table.items.values()}
    assert shards == {"pending#0", "pending#1", "pending#2"}


def test_a_status_has_one_shard_unless_more_are_asked_for() -> None:
    shards = {task_to_item(a_task(), "cause")[STATUS_SHARD]["S"] for _ in range(50)}

    assert shards == {"pending#0"}


@pytest.mark.parametrize("held", [None, "pending#0", "pending#14"], ids=["none", "lower", "higher"])
def test_every_change_moves_a_task_to_its_current_shard(held: str | None) -> None:
    table, task = IndexedTable(), a_task()
    store_of(table, 1).put_new(task, "cause")
    item = table.items[task.task_id]
    item.pop(STATUS_SHARD)
    item |= {STATUS_SHARD: {"S": held}} if held else {}

    store_of(table, 7).replace(task, next_version(task, NOON, title="Feed the cat"), "cause")

    assert item[STATUS_SHARD] == {"S": f"pending#{shard_of(task.task_id, 7)}"}
