"""What every StatisticsStore must do. The fake is held to it in tests/unit, DynamoDB in tests/integration."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.core.errors import ServiceUnavailable
from services.core.ports import StatisticsStore
from services.core.statistics import Completion, UserStatistics

FIRST, SECOND, THIRD = (f"2026-01-31T12:00:0{second}.000Z" for second in range(3))
THREADS = 6


class StatisticsStoreContract:
    """Subclasses give the fixture `store`."""

    @pytest.fixture
    def user(self) -> str:
        return uuid4().hex

    def test_an_unknown_user_has_zeros(self, store: StatisticsStore, user: str) -> None:
        assert store.of_user(user) == UserStatistics(user_id=user)

    def test_a_repeated_creation_counts_once(self, store: StatisticsStore, user: str) -> None:
        event_id = uuid4().hex
        assert [store.count_created(event_id, user) for _ in range(3)] == [True, False, False]
        assert store.of_user(user) == UserStatistics(user_id=user, created=1)

    def test_a_repeated_completion_counts_once(self, store: StatisticsStore, user: str) -> None:
        event_id, completion = uuid4().hex, Completion(FIRST, 1500)
        assert [store.count_completed(event_id, user, completion) for _ in range(3)] == [True, False, False]
        assert store.of_user(user) == UserStatistics(
            user_id=user, completed=1, average_completion_seconds=1.5, last_completed_at=FIRST
        )

    def test_users_are_counted_separately(self, store: StatisticsStore, user: str) -> None:
        other = uuid4().hex

        store.count_created(uuid4().hex, user)
        store.count_created(uuid4().hex, other)
        store.count_created(uuid4().hex, other)

        assert (store.of_user(user).created, store.of_user(other).created) == (1, 2)

    @pytest.mark.parametrize(
        "sequence",
        [(FIRST, SECOND, THIRD), (THIRD, SECOND, FIRST), (SECOND, THIRD, FIRST), (THIRD, THIRD, THIRD)],
    )
    def test_the_last_completion_is_the_latest_in_any_order(
        self, store: StatisticsStore, user: str, sequence: tuple[str, ...]
    ) -> None:
        for number, moment in enumerate(sequence):
            assert store.count_completed(uuid4().hex, user, Completion(moment, number * 1000))
        assert store.of_user(user) == UserStatistics(
            user_id=user, completed=3, average_completion_seconds=1.0, last_completed_at=THIRD
        )

    def test_a_repeated_older_completion_changes_nothing(self, store: StatisticsStore, user: str) -> None:
        older = uuid4().hex
        store.count_completed(older, user, Completion(FIRST, 1000))
        store.count_completed(uuid4().hex, user, Completion(SECOND, 3000))
        before = store.of_user(user)

        assert not store.count_completed(older, user, Completion(FIRST, 1000))
        assert store.of_user(user) == before

    def test_the_average_is_given_to_the_millisecond(self, store: StatisticsStore, user: str) -> None:
        for milliseconds in (1, 1, 2):
            store.count_completed(uuid4().hex, user, Completion(FIRST, milliseconds))
        assert store.of_user(user).average_completion_seconds == 0.001

    def test_concurrent_counts_lose_nothing_and_double_nothing(
        self, store: StatisticsStore, user: str
    ) -> None:
        events = [uuid4().hex for _ in range(THREADS * 2)]
        completed = {event_id: Completion(FIRST, 1000 * number) for number, event_id in enumerate(events)}

        def count(event_id: str) -> None:
            insist(lambda: store.count_created(f"created-{event_id}", user))
            insist(lambda: store.count_completed(event_id, user, completed[event_id]))

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(count, events * 2))

        assert store.of_user(user) == UserStatistics(
            user_id=user,
            created=len(events),
            completed=len(events),
            average_completion_seconds=(len(events) - 1) / 2,
            last_completed_at=FIRST,
        )


def insist(count: Callable[[], bool]) -> None:
    """Retry a temporary refusal, as a queue does."""
    for _ in range(20):
        try:
            count()
        except ServiceUnavailable:
            continue
        return
    raise AssertionError("refused for good")
