"""One run of `make dev`: threads watch, read the logs and the keys; this one checks and shows."""

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from scripts.base.failure import Failure
from scripts.build import console as console_page
from scripts.clouds.dev.session import DevSession
from scripts.deployments.target import Target
from scripts.operators.dev.changes import Needs, watching
from scripts.operators.dev.checker import Checker
from scripts.operators.dev.lines import moment, shown
from scripts.operators.log_lines import LogLine, LogReader
from scripts.operators.logs import WIDTH, following

READ_SECONDS = 0.5
# How long the first look at the tree may take.
WATCH_SECONDS = 30.0
# How long a loop in a thread may take until it is ready, and to end.
THREAD_SECONDS = 60.0
# Lines are shown in order if they can be read this soon.
SETTLE = timedelta(milliseconds=300)
PAGE = "services/console/page.json"
UNWATCHED = "the tree's files cannot be watched"


@dataclass(frozen=True)
class Key:
    """A key that was pressed."""

    name: str


Changes = dict[Needs, list[Path]]
Happening = Key | LogLine | Changes | Failure


class Loop:
    """Keeps a session, and shows what happens, until somebody ends it or asks for `make up`."""

    def __init__(
        self, session: DevSession, target: Target, console: Console, happenings: Queue[Happening]
    ) -> None:
        self._session = session
        self._target = target
        self._console = console
        self._happenings = happenings
        self._watches = threading.Event()
        # What a thread could not go on with.
        self._failure: Failure | None = None
        self._stop = threading.Event()
        # Errors of the tree, which functions log as well.
        self._shown: set[str] = set()

    def run(self, ready: Callable[[], None]) -> bool:
        """Show until `q` or Ctrl-C (False), or `u` (True). Afterwards the deployed package answers again.

        `ready` is called once functions run the tree, and no change escapes.
        """
        session = self._session
        with Checker(session.tree, session.spare) as checker:
            self._render()
            self._check(checker, [])
            with session.held(), self._threads():
                if not self._watches.wait(WATCH_SECONDS):
                    raise Failure(f"{UNWATCHED}: end what else watches many files")
                if self._failure:
                    raise self._failure
                ready()
                with contextlib.suppress(KeyboardInterrupt):
                    return self._show(checker)
        return False

    def _show(self, checker: Checker) -> bool:
        while True:
            match self._happenings.get():
                case Key("q"):
                    return False
                case Key("u"):
                    return True
                case LogLine() as line if line.message not in self._shown:
                    self._console.print(shown(line), soft_wrap=True)
                case Failure() as failure:
                    raise failure
                case dict() as changes:
                    self._changed(changes, checker)

    def _changed(self, changes: Changes, checker: Checker) -> None:
        if Needs.PAGE in changes:
            self._render()
            self._say("saved", f"{_names(changes[Needs.PAGE])} {Needs.NOTHING.value}")
        if Needs.NOTHING in changes:
            self._check(checker, changes[Needs.NOTHING])
        if Needs.UP in changes:
            self._say("saved", f"{_names(changes[Needs.UP])} {Needs.UP.value}", "yellow")

    def _check(self, checker: Checker, saved: list[Path]) -> None:
        started = time.perf_counter()
        error = checker.check()
        took = f"(checked in {(time.perf_counter() - started) * 1000:.0f} ms)"
        if error:
            text = f"{error}; the last good code answers"
            self._shown.add(text)
            self._say("error", text, "bold red")
        elif saved:
            self._say("saved", f"{_names(saved)} {Needs.NOTHING.value} {took}", "green")

    def _render(self) -> None:
        """Render the console, which no source tree holds as functions show it."""
        sources, page = self._session.tree / "services/console", self._session.pages / PAGE
        page.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft = page.with_suffix(".draft")
            draft.write_text(console_page.page(sources), encoding="utf-8")
            draft.replace(page)
        except (Failure, OSError) as error:
            self._say("error", f"services/console: {error}; the last good page answers", "bold red")

    def _say(self, what: str, text: str, style: str = "") -> None:
        line = moment(datetime.now(UTC)).append(f"{what:<{WIDTH}} ", style="bold").append(text, style=style)
        self._console.print(line, soft_wrap=True)

    @contextlib.contextmanager
    def _threads(self) -> Iterator[None]:
        works = (self._watch, self._read)
        threads = [threading.Thread(target=self._reporting, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _reporting(self, work: Callable[[], Iterator[Happening]]) -> None:
        """What a thread cannot go on with ends the command."""
        try:
            for happening in work():
                self._happenings.put(happening)
        except (Failure, BotoCoreError, ClientError) as error:
            failure = f"{error}: run `make status`, and `make dev` again"
            self._failure = error if isinstance(error, Failure) else Failure(failure)
            self._happenings.put(self._failure)
            self._watches.set()  # what waits for the first look at the tree sees why there is none

    def _watch(self) -> Iterator[Changes]:
        try:
            yield from watching(self._session.tree, self._watches, self._stop)
        except OSError as error:  # such as the limit of files that a user may watch
            raise Failure(f"{UNWATCHED}: {error}: end what else watches many files") from error

    def _read(self) -> Iterator[LogLine]:
        reader = LogReader(self._target, sorted(self._target.outputs["function_names"]))
        return following(reader, datetime.now(UTC), "", READ_SECONDS, SETTLE, self._stop)


@contextlib.contextmanager
def looping(session: DevSession, target: Target) -> Iterator[io.StringIO]:
    """What a loop shows, in a thread of its own, from when functions run the tree until this ends.

    Raises what has ended the loop: at once where it could not begin, else at the end.
    """
    shown, happenings, ready = io.StringIO(), Queue[Happening](), threading.Event()
    loop = Loop(session, target, Console(file=shown, width=300), happenings)
    pool = ThreadPoolExecutor(1)
    running = pool.submit(loop.run, ready.set)
    running.add_done_callback(lambda _: ready.set())  # also where it has failed
    try:
        if not ready.wait(THREAD_SECONDS):
            raise Failure(f"make dev was not ready within {THREAD_SECONDS:.0f} s")
        if running.done():
            running.result()
        yield shown
    finally:
        happenings.put(Key("q"))
        pool.shutdown(wait=False)
        try:
            running.result(THREAD_SECONDS)
        except TimeoutError as late:
            raise Failure(f"make dev did not end within {THREAD_SECONDS:.0f} s") from late


def _names(paths: list[Path]) -> str:
    """The first of the files, and how many more there are."""
    first, *others = paths
    return f"{first} and {len(others)} more" if others else str(first)
