"""Receiving the bus's events during a run: a cloud that goes away ends the run with one message."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from botocore.exceptions import EndpointConnectionError

from load import conductor, process
from load.books import Books
from load.bus import Receiver
from load.conductor import Plan, conduct
from load.thresholds import Limits
from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.deployments.target import Target
from scripts.operators.tap import ReceivedEvent, tap

API = "http://127.0.0.1:1"
STOPPED = EndpointConnectionError(endpoint_url=API)


class FailingTap:
    """A tap that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self.read = threading.Event()
        self._error = error

    def receive(self) -> list[ReceivedEvent]:
        self.read.set()
        raise self._error


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What threads print as tracebacks."""
    printed: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", printed.append)
    return printed


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (STOPPED, Failure, r"the bus can no longer be read: Could not connect.*run `make load` again"),
        (KeyError("detail"), KeyError, "detail"),
    ],
    ids=["cloud stopped", "fault of the program"],
)
def test_what_ends_receiving_is_raised_once_and_printed_by_no_thread(
    error: Exception, raised: type[Exception], said: str, traces: list[Any], tmp_path: Path
) -> None:
    bus = FailingTap(error)

    with pytest.raises(raised, match=said), Receiver(bus, Books("load-a-"), tmp_path):  # type: ignore[arg-type]
        assert bus.read.wait(10)

    assert traces == []


def test_a_failure_that_the_lost_bus_has_caused_is_explained_by_it(tmp_path: Path) -> None:
    bus = FailingTap(STOPPED)

    def wait_for_events() -> None:
        assert bus.read.wait(10)
        raise Failure("warm-up: not all events received within 60 s")

    with (
        pytest.raises(Failure, match="the bus can no longer be read"),
        Receiver(bus, Books("load-a-"), tmp_path),  # type: ignore[arg-type]
    ):
        wait_for_events()


def test_a_run_whose_events_cannot_be_received_ends_with_locusts_next_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Failed(Receiver):
        def require(self) -> None:
            raise Failure("the bus can no longer be read")

    class Silent:
        def receive(self) -> list[ReceivedEvent]:
            return []

    def run(*given: Any) -> int:
        progress: Callable[[str], None] = given[3]
        progress("3 users · 8 requests")
        pytest.fail("Locust went on")

    monkeypatch.setattr(conductor, "tap", lambda _target: contextlib.nullcontext(Silent()))
    monkeypatch.setattr(conductor, "Receiver", Failed)
    monkeypatch.setattr(conductor, "warm_up", lambda *_: None)
    monkeypatch.setattr(process, "local_command", lambda *_: ["locust"])
    monkeypatch.setattr(process, "run", run)
    target = Target({"api_url": API, "dead_letter_queue_urls": {}}, lambda _service: None)

    with pytest.raises(Failure, match="the bus can no longer be read"):
        conduct(target, Plan("smoke", 3, 300), Limits(), tmp_path / "load", Steps(quiet=True))


class Gone:
    """Services that answer until a tap is open, and never again."""

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError, QueueDoesNotExist=KeyError)
    answers: ClassVar = {
        "create_queue": {"QueueUrl": f"{API}/tap"},
        "get_queue_attributes": {"Attributes": {"QueueArn": "arn:queue"}},
        "put_rule": {"RuleArn": "arn:rule"},
        "set_queue_attributes": {},
        "put_targets": {},
    }

    def get_paginator(self, _name: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [])

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            if name not in self.answers:
                raise STOPPED
            return self.answers[name]

        return call


def test_a_tap_that_cannot_be_removed_hides_no_failure() -> None:
    target = Target({"event_bus_name": "bus"}, lambda _service: Gone())

    with pytest.raises(Failure, match="the first failure"), tap(target):
        raise Failure("the first failure")
    with pytest.raises(EndpointConnectionError), tap(target):
        pass
