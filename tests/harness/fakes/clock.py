"""A clock for tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class Ticking:
    """A clock that moves by a second with each look, and by more when told to."""

    def __init__(self, start: datetime = NOON) -> None:
        self._moments: Iterator[int] = count()
        self._start = start

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=next(self._moments))

    def advance(self, by: timedelta) -> None:
        self._start += by
