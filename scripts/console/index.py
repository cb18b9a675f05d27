"""What the console has seen: the newest log lines, found by any id in them, and the events of the bus."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any

from scripts.operators.log_lines import LogLine

MOST_LINES = 20_000
MOST_EVENTS = 5_000

Numbered = tuple[int, LogLine]
"""A line with its number, by which a reader goes on where it was."""


class Index:
    """The newest lines and events. Many threads may use it."""

    def __init__(self, since: datetime, most_lines: int = MOST_LINES, most_events: int = MOST_EVENTS) -> None:
        self.since = since
        """All lines from then on are in here, but for those that were too many."""
        self.trouble = ""
        """Why nothing new comes; empty while all is well."""
        self.closed = False
        """Whether nothing will ever come again."""
        self._most_lines, self._most_events = most_lines, most_events
        self._lines: deque[Numbered] = deque()
        self._by_id: dict[str, deque[LogLine]] = {}
        self._events: dict[str, dict[str, Any]] = {}
        self._count = 0
        self._lock = Lock()
        self._listeners: list[Callable[[], None]] = []

    def add(self, lines: Iterable[LogLine]) -> None:
        """Keep lines, in the order of time."""
        with self._lock:
            for line in lines:
                self._count += 1
                self._lines.append((self._count, line))
                for name in _ids(line):
                    self._by_id.setdefault(name, deque()).append(line)
                if len(self._lines) > self._most_lines:
                    self._forget_oldest()
        self._tell()

    def report(self, trouble: str) -> None:
        """Say why nothing new comes, or that it comes again."""
        if trouble != self.trouble:
            self.trouble = trouble
            self._tell()

    def close(self) -> None:
        """Say that nothing will come again, which ends what follows the index."""
        self.closed = True
        self._tell()

    def keep_event(self, detail: dict[str, Any]) -> None:
        """Keep the detail of an event that came over the bus."""
        with self._lock:
            self._events[str(detail["eventId"])] = detail
            if len(self._events) > self._most_events:
                del self._events[next(iter(self._events))]

    def event(self, event_id: str) -> dict[str, Any] | None:
        """The detail of an event, if it came over the bus while the console was open."""
        return self._events.get(event_id)

    def of(self, name: str) -> list[LogLine]:
        """The lines with this correlation id, task id or message id."""
        with self._lock:
            return list(self._by_id.get(name, ()))

    def after(self, number: int) -> list[Numbered]:
        """The lines that came after the one with this number, in their order."""
        with self._lock:
            newest = islice(reversed(self._lines), max(0, self._count - number))
            return list(newest)[::-1]

    def newest(self, count: int) -> list[Numbered]:
        """So many lines, the last ones."""
        return self.after(max(0, self._count - count))

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Meanwhile the listener is called, by any thread, when something changes."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def _forget_oldest(self) -> None:
        _, oldest = self._lines.popleft()
        self.since = oldest.at
        for name in _ids(oldest):
            self._by_id[name].popleft()
            if not self._by_id[name]:
                del self._by_id[name]

    def _tell(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()


def _ids(line: LogLine) -> set[str]:
    found = (line.correlation_id, line.task_id, line.fields.get("message_id"))
    return {str(name) for name in found if name}
