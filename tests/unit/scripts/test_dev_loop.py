"""A loop of `make dev` that cannot begin ends at once, with its reason; `make bench-dev` leaves no task."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest
from rich.console import Console

from scripts.base.failure import Failure
from scripts.bench import dev as bench
from scripts.clouds.dev.session import DevSession
from scripts.deployments.target import Target
from scripts.operators.dev import loop
from scripts.operators.dev.loop import Happening, Loop, looping

TARGET = Target({"function_names": {}}, lambda _: None)
REFUSED = "another `make dev` is running: end it with q"


@pytest.fixture
def session(tmp_path: Path) -> DevSession:
    return DevSession(tmp_path, tmp_path, "live", ())


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What threads print as tracebacks."""
    printed: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", printed.append)
    return printed


def runs(monkeypatch: pytest.MonkeyPatch, run: Callable[[Loop, Callable[[], None]], bool]) -> None:
    monkeypatch.setattr(Loop, "run", run)
    monkeypatch.setattr(loop, "THREAD_SECONDS", 5.0)


class TestLooping:
    def test_a_loop_that_cannot_begin_raises_why_without_a_wait_or_a_trace(
        self, monkeypatch: pytest.MonkeyPatch, session: DevSession, traces: list[Any]
    ) -> None:
        def refused(_loop: Loop, _ready: Callable[[], None]) -> bool:
            raise Failure(REFUSED)

        runs(monkeypatch, refused)

        with pytest.raises(Failure, match=REFUSED), looping(session, TARGET):
            pytest.fail("it began")
        assert traces == []

    def test_what_ends_a_loop_later_is_raised_at_the_end(
        self, monkeypatch: pytest.MonkeyPatch, session: DevSession, traces: list[Any]
    ) -> None:
        def ends(found: Loop, ready: Callable[[], None]) -> bool:
            ready()
            found._happenings.get()
            raise Failure("the process that checks the tree has ended")

        runs(monkeypatch, ends)

        with pytest.raises(Failure, match="the process that checks"), looping(session, TARGET):
            pass
        assert traces == []

    def test_a_loop_that_ends_when_it_is_told_to_raises_nothing(
        self, monkeypatch: pytest.MonkeyPatch, session: DevSession
    ) -> None:
        def ends(found: Loop, ready: Callable[[], None]) -> bool:
            ready()
            return found._happenings.get() == loop.Key("u")

        runs(monkeypatch, ends)

        with looping(session, TARGET) as shown:
            assert shown.getvalue() == ""


def test_a_tree_that_cannot_be_watched_ends_the_loop_at_once(
    monkeypatch: pytest.MonkeyPatch, session: DevSession, traces: list[Any]
) -> None:
    def watching(*_: object) -> Iterator[Any]:
        raise OSError("OS file watch limit reached")
        yield

    class Checker:
        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> "Checker":
            return self

        def __exit__(self, *_: object) -> None: ...

        def check(self) -> None: ...

    monkeypatch.setattr(loop, "watching", watching)
    monkeypatch.setattr(loop, "WATCH_SECONDS", 5.0)
    monkeypatch.setattr(loop, "Checker", Checker)
    monkeypatch.setattr(Loop, "_render", lambda _: None)
    monkeypatch.setattr(Loop, "_read", lambda _: iter(()))
    happenings: Queue[Happening] = Queue()

    with pytest.raises(Failure, match="cannot be watched: OS file watch limit reached: end what else"):
        Loop(session, TARGET, Console(quiet=True), happenings).run(lambda: pytest.fail("it was ready"))
    assert traces == []


class Api:
    """The API, with the tasks that it holds."""

    def __init__(self) -> None:
        self.tasks: set[str] = set()

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.tasks.add("a-task")
            return httpx.Response(201, json={"taskId": "a-task"})
        self.tasks.discard(request.url.path.removeprefix("/tasks/"))
        return httpx.Response(204)


def test_a_bench_that_fails_deletes_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    api, held = Api(), list[set[str]]()

    def fails(_bench: bench.Bench, _edit: int) -> float:
        held.append(set(api.tasks))
        raise Failure("an edit had no effect")

    transport = httpx.MockTransport(api.answer)
    client = httpx.Client(transport=transport, base_url="http://127.0.0.1:1")
    monkeypatch.setattr(bench, "require_embedded_cloud", lambda: None)
    monkeypatch.setattr(bench, "chosen_target", lambda: TARGET)
    monkeypatch.setattr(bench, "looping", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(bench, "_api", lambda _target: client)
    monkeypatch.setattr(bench, "session_of", lambda *_: None)
    monkeypatch.setattr(bench, "wake", lambda _target: None)
    monkeypatch.setattr(bench.Bench, "http", fails)

    with pytest.raises(Failure, match="an edit had no effect"):
        bench.bench_dev(1)

    assert held == [{"a-task"}]
    assert api.tasks == set()
