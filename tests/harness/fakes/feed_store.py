"""The FeedStore port, in memory."""

from services.core.feed import FeedEntry
from tests.harness.fakes.faulty import Faulty


class InMemoryFeedStore(Faulty):
    """A FeedStore that forgets nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[tuple[str, str], FeedEntry] = {}

    def record(self, entry: FeedEntry) -> None:
        self._fail()
        self._entries.setdefault((entry.occurred_at, entry.event_id), entry)

    def newest(self, user_id: str | None, limit: int) -> tuple[FeedEntry, ...]:
        self._fail()
        newest_first = (self._entries[position] for position in sorted(self._entries, reverse=True))
        return tuple(entry for entry in newest_first if user_id in (None, entry.user_id))[:limit]
