"""The FeedStore port, in memory."""

from services.core.feed import KEEP_FOR, FeedEntry
from services.core.moments import Clock, parse_timestamp
from tests.harness.fakes.faulty import Faulty


class InMemoryFeedStore(Faulty):
    """A FeedStore that lists what has not expired."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._entries: dict[tuple[str, str], FeedEntry] = {}

    def record(self, entry: FeedEntry) -> None:
        self._fail()
        self._entries.setdefault((entry.occurred_at, entry.event_id), entry)

    def newest(self, user_id: str | None, limit: int) -> tuple[FeedEntry, ...]:
        self._fail()
        since = self._clock() - KEEP_FOR
        newest_first = (self._entries[position] for position in sorted(self._entries, reverse=True))
        wanted = [entry for entry in newest_first if user_id in (None, entry.user_id)][:limit]
        return tuple(entry for entry in wanted if parse_timestamp(entry.recorded_at) > since)
