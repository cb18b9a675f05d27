"""Threads that keep the index up to date: one reads the logs, one receives the events of the bus."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.failure import Failure
from scripts.console.index import Index
from scripts.deployments.target import LOCAL, Target
from scripts.operators.log_lines import LogLine, LogReader
from scripts.operators.logs import SETTLE, following, pause
from scripts.operators.tap import tap

# Locally a line can be read at once; lines of different functions are sorted within this.
LOCAL_SETTLE = timedelta(milliseconds=200)
LOCAL_PAUSE_SECONDS = 0.25
RETRY_SECONDS = 2.0


class ReportingReader(LogReader):
    """A reader of logs that tells the index when they can be read."""

    def __init__(self, target: Target, functions: Iterable[str], index: Index) -> None:
        super().__init__(target, functions)
        self._index = index

    def read(self, since: datetime, containing: str = "") -> list[LogLine]:
        """See LogReader."""
        found = super().read(since, containing)
        self._index.report("")
        return found


@contextmanager
def watching(target: Target, index: Index, environment: str = LOCAL) -> Iterator[None]:
    """Keep the index up to date meanwhile. On AWS only the logs are read: nothing is created there."""
    stop = threading.Event()
    local = environment == LOCAL
    works = [lambda: _read_logs(target, index, environment, stop)]
    if local:
        works.append(lambda: _receive_events(target, index, stop))
    threads = [threading.Thread(target=_again, args=(work, index, stop), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _again(work: Callable[[], None], index: Index, stop: threading.Event) -> None:
    """Go on after a failure, which the page shows meanwhile: a local cloud may be started anew."""
    while not stop.is_set():
        try:
            work()
        except (Failure, BotoCoreError, ClientError) as error:
            index.report(f"The deployment cannot be read: {error}")
            stop.wait(RETRY_SECONDS)


def _read_logs(target: Target, index: Index, environment: str, stop: threading.Event) -> None:
    functions = sorted(target.outputs["function_names"])
    local = environment == LOCAL
    seconds = LOCAL_PAUSE_SECONDS if local else pause(environment, functions)
    reader = ReportingReader(target, functions, index)
    newest = index.newest(1)
    since = newest[0][1].at if newest else index.since
    for line in following(reader, since, "", seconds, LOCAL_SETTLE if local else SETTLE, stop):
        index.add([line])


def _receive_events(target: Target, index: Index, stop: threading.Event) -> None:
    with tap(target) as bus:
        while not stop.is_set():
            for event in bus.receive():
                index.keep_event(event.detail)
