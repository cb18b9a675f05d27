"""Receives the bus's events during a run."""

import threading
from pathlib import Path
from types import TracebackType

from load.books import Books
from load.lags import FILE
from scripts.base.failure import Failure, is_of_a_service
from scripts.operators.tap import ReceivedEvent, Tap

RECEIVERS = 2
# A removal is dated by the stream, in whole seconds: its lag is unknown.
UNDATED = ("TaskDeleted", "TaskExpired")


class Receiver:
    """Receives every event, enters it into the ledger, and records its age.

    Threads, because a tap answers one call at a time with ten events at most.
    """

    def __init__(self, tap: Tap, books: Books, folder: Path) -> None:
        self._tap = tap
        self._books = books
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._receive, daemon=True) for _ in range(RECEIVERS)]
        self._failure: Exception | None = None
        self.lags: list[float] = []

    def __enter__(self) -> "Receiver":
        self._path.touch()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        if error is None or isinstance(error, Exception):  # which the same may have caused
            self.require()

    def require(self) -> None:
        """Raise why receiving has failed, if it has; leaving this context does so, too."""
        if self._failure is None:
            return
        if not is_of_a_service(self._failure):
            raise self._failure
        raise Failure(
            f"the bus can no longer be read: {self._failure}. The local cloud was stopped or emptied during "
            "the load test: see `make status`, then run `make load` again"
        ) from self._failure

    def clear_lags(self) -> None:
        """Start measuring: what came until now was warming up."""
        with self._lock:
            self.lags.clear()
            self._path.write_text("")

    def _receive(self) -> None:
        try:
            while not self._end.is_set():
                self._enter(self._tap.receive())
        except Exception as failure:  # raised by `require`, in the thread that can end the run
            self._failure = failure
            self._end.set()

    def _enter(self, events: list[ReceivedEvent]) -> None:
        with self._lock:
            new = [event for event in events if self._books.receive(event.detail_type, event.detail)]
            lags = [event.age_ms for event in new if event.detail_type not in UNDATED]
            self.lags += lags
            with self._path.open("a") as file:
                file.write("".join(f"{lag:.1f}\n" for lag in lags))
