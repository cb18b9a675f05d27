"""What every FeedStore must do. The fake is held to it in tests/unit, DynamoDB in tests/integration."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.feed import entry_of
from services.core.moments import parse_timestamp
from services.core.ports import FeedStore
from services.core.status import Status
from services.core.task import next_version
from tests.harness.builders import a_task
from tests.harness.fakes import NOON

LATER = timedelta(milliseconds=1180)
# What docs/api.md promises: "the events of the last hour".
HOUR = timedelta(hours=1)


def life_of(user: str) -> list[TaskEvent]:
    """The events of a task that is created, started and deleted, in that order."""
    first = a_task(user_id=user)
    second = next_version(
        first, parse_timestamp(first.created_at) + timedelta(seconds=1), status=Status.IN_PROGRESS
    )
    ends_at = (parse_timestamp(second.updated_at) + timedelta(seconds=1)).isoformat(timespec="milliseconds")
    writes = [(None, first), (first, second), (second, None)]
    moments = [first.created_at, second.updated_at, ends_at.replace("+00:00", "Z")]
    return [
        events_of(Write(old, new, "cause", at))[0] for (old, new), at in zip(writes, moments, strict=True)
    ]


class FeedStoreContract:
    """Subclasses give the fixture `store`, whose clock stands at NOON."""

    @pytest.fixture
    def user(self) -> str:
        return f"feed-{uuid4().hex}"

    def test_an_unknown_user_has_no_entries(self, store: FeedStore, user: str) -> None:
        assert store.newest(user, 10) == ()

    def test_returns_the_newest_entries_first(self, store: FeedStore, user: str) -> None:
        entries = [entry_of(event, parse_timestamp(event.occurred_at) + LATER) for event in life_of(user)]

        for entry in (entries[1], entries[2], entries[0]):
            store.record(entry)

        assert list(store.newest(user, 10)) == entries[::-1]
        assert list(store.newest(user, 2)) == [entries[2], entries[1]]

    def test_the_first_delivery_of_an_event_counts(self, store: FeedStore, user: str) -> None:
        created, *_ = life_of(user)
        occurred_at = parse_timestamp(created.occurred_at)

        for delay in (LATER, LATER * 2):
            store.record(entry_of(created, occurred_at + delay))

        (entry,) = store.newest(user, 10)
        assert entry.latency_milliseconds == 1180

    def test_an_expired_entry_is_not_listed(self, store: FeedStore, user: str) -> None:
        """DynamoDB removes it days later, and returns it until then."""
        created, updated, _ = life_of(user)
        store.record(entry_of(created, NOON - HOUR))  # it expires in this very second
        store.record(recent := entry_of(updated, NOON - HOUR + timedelta(seconds=1)))

        assert store.newest(user, 10) == (recent,)
        assert {entry.user_id for entry in store.newest(None, 100)} >= {user}
        assert created.event_id not in {entry.event_id for entry in store.newest(None, 100)}

    def test_lists_entries_of_one_user_or_of_all(self, store: FeedStore, user: str) -> None:
        mine, other = (entry_of(life_of(name)[0], datetime.now(NOON.tzinfo)) for name in (user, f"{user}-2"))

        store.record(mine)
        store.record(other)

        assert store.newest(user, 10) == (mine,)
        assert store.newest(f"{user}-2", 10) == (other,)
        assert {mine.event_id, other.event_id} <= {entry.event_id for entry in store.newest(None, 100)}
