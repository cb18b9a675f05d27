"""A sharded feed reads like an unsharded one: in order, and while the number of shards rises."""

from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.shards import feed_shard, shard_of
from services.core.errors import ServiceUnavailable
from services.core.feed import FeedEntry, entry_of
from tests.contracts.feed_store import FeedStoreContract, life_of
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, InMemoryFeedStore

SHARDS = st.integers(1, 100)
USERS = st.sampled_from(["ada", "grace"])


class FeedTable:
    """The part of DynamoDB that the feed needs. `asked` holds the queried partitions."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.asked: list[str] = []
        self._lock = Lock()

    def put_item(self, Item: dict[str, Any], ConditionExpression: str, **_: object) -> None:  # noqa: N803 - DynamoDB's names
        assert ConditionExpression == "attribute_not_exists(#feed)"
        key = (Item["feed"]["S"], Item["position"]["S"])
        if key in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[key] = Item

    def query(self, **request: Any) -> dict[str, Any]:
        key = request["ExpressionAttributeNames"]["#partition"]
        value = request["ExpressionAttributeValues"][":partition"]
        assert request.get("IndexName") == (None if key == "feed" else "by-user")
        with self._lock:
            self.asked.append(value["S"])
        found = [item for item in self.items.values() if item[key] == value]
        found.sort(key=lambda item: item["position"]["S"], reverse=not request["ScanIndexForward"])
        return {"Items": found[: request["Limit"]]}


def entries(users: list[str], seconds: int = 0) -> list[FeedEntry]:
    """Three entries of a task of each user."""
    return [entry_of(event, NOON + timedelta(seconds=seconds)) for user in users for event in life_of(user)]


def a_store(table: FeedTable, shards: int) -> DynamoDBFeedStore:
    return DynamoDBFeedStore(table, "feed", shards, lambda: NOON)


class TestOneShard(FeedStoreContract):
    @pytest.fixture
    def store(self) -> DynamoDBFeedStore:
        return a_store(FeedTable(), 1)


class TestFiveShards(FeedStoreContract):
    @pytest.fixture
    def store(self) -> DynamoDBFeedStore:
        return a_store(FeedTable(), 5)


@given(st.lists(USERS, max_size=8), st.sampled_from([None, "ada"]), st.integers(1, 9), st.integers(1, 9))
def test_the_newest_are_those_of_a_feed_without_shards(
    users: list[str], user: str | None, limit: int, shards: int
) -> None:
    whole, spread = InMemoryFeedStore(lambda: NOON), a_store(FeedTable(), shards)
    for entry in entries(users):
        whole.record(entry)
        spread.record(entry)

    assert spread.newest(user, limit) == whole.newest(user, limit)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4).map(sorted))
def test_the_number_of_shards_may_rise_between_writes(rising: list[int]) -> None:
    table, whole = FeedTable(), InMemoryFeedStore(lambda: NOON)
    for shards in rising:
        for entry in entries(["ada"]):
            whole.record(entry)
            a_store(table, shards).record(entry)

    newest = a_store(table, rising[-1]).newest(None, 100)

    assert newest == whole.newest(None, 100)


def test_entries_from_before_there_were_shards_are_in_the_first_one() -> None:
    assert [feed_shard(shard) for shard in range(3)] == ["tasks", "tasks#1", "tasks#2"]


@given(SHARDS, SHARDS)
def test_an_event_redelivered_after_more_shards_is_shown_once(shards: int, more: int) -> None:
    table = FeedTable()
    first, again = (entries(["ada"], seconds)[0] for seconds in (60, 120))
    again = again.model_copy(update={"event_id": first.event_id, "occurred_at": first.occurred_at})
    a_store(table, shards).record(first)
    a_store(table, shards + more).record(again)

    for user in (None, "ada"):
        assert a_store(table, shards + more).newest(user, 10) == (first,)


@pytest.mark.parametrize("shards", [1, 3, 15])
def test_each_shard_is_read_once_and_a_users_entries_with_one_query(shards: int) -> None:
    table = FeedTable()
    store = a_store(table, shards)

    store.newest(None, 20)
    assert sorted(table.asked) == sorted(feed_shard(shard) for shard in range(shards))

    table.asked.clear()
    store.newest("ada", 20)
    assert table.asked == ["ada"]


def test_events_of_one_task_lie_in_many_shards() -> None:
    events = [entry.event_id for _ in range(20) for entry in entries([a_task().user_id])]
    assert {shard_of(event, 4) for event in events} == {0, 1, 2, 3}


@pytest.mark.parametrize("shards", [1, 3])
def test_an_unreadable_shard_raises(shards: int) -> None:
    class Throttled(FeedTable):
        """Refuses the last shard."""

        def query(self, **request: Any) -> dict[str, Any]:
            if request["ExpressionAttributeValues"][":partition"]["S"] == feed_shard(shards - 1):
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")
            return super().query(**request)

    with pytest.raises(ServiceUnavailable):
        a_store(Throttled(), shards).newest(None, 20)


def test_events_are_spread_over_the_shards() -> None:
    table = FeedTable()
    store = a_store(table, 3)

    for entry in entries([f"user-{number}" for number in range(10)]):
        store.record(entry)

    assert {partition for partition, _ in table.items} == {"tasks", "tasks#1", "tasks#2"}
