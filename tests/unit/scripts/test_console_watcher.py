"""What keeps the console up to date: the logs are read again and again, also after a failure."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.base.waiting import until
from scripts.console import watcher
from scripts.console.index import Index
from scripts.console.watcher import watching
from scripts.deployments.target import Target

SECONDS = 10


class Cloud:
    """A cloud with one line in its logs, which at first cannot be read."""

    def __init__(self, failures: int = 0) -> None:
        self.taps = 0
        self._failures = failures
        self._at = int((datetime.now(UTC) - timedelta(seconds=9)).timestamp() * 1000)

    def target(self) -> Target:
        logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=self._pages))
        return Target({"function_names": {"relay": "a-relay"}}, lambda _: logs)

    def _pages(self, **_: Any) -> list[dict[str, Any]]:
        if self._failures:
            self._failures -= 1
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "FilterLogEvents")
        message = json.dumps({"message": "relayed", "correlation_id": "one"})
        return [{"events": [{"timestamp": self._at, "message": message, "logStreamName": "s"}]}]

    @contextmanager
    def tap(self, _: Target) -> Iterator[Any]:
        self.taps += 1
        detail = {"eventId": "e"}
        yield SimpleNamespace(receive=lambda: [SimpleNamespace(detail=detail)])


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "pause", lambda *_: 0.01)
    monkeypatch.setattr(watcher, "LOCAL_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(watcher, "RETRY_SECONDS", 0.01)


def index() -> Index:
    return Index(datetime.now(UTC) - timedelta(minutes=1))


def test_lines_and_events_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud, seen = Cloud(), index()
    monkeypatch.setattr(watcher, "tap", cloud.tap)

    with watching(cloud.target(), seen):
        found = until(lambda: seen.of("one") and seen.event("e"), seconds=SECONDS)

    assert found == {"eventId": "e"}
    assert len(seen.of("one")) == 1


def test_nothing_is_created_on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud, seen = Cloud(), index()
    monkeypatch.setattr(watcher, "tap", cloud.tap)

    with watching(cloud.target(), seen, "dev"):
        found = until(lambda: seen.of("one"), seconds=SECONDS)

    assert found
    assert cloud.taps == 0


def test_a_failure_is_shown_until_the_logs_can_be_read_again() -> None:
    cloud, seen, troubles = Cloud(failures=1), index(), list[str]()

    with seen.listening(lambda: troubles.append(seen.trouble)), watching(cloud.target(), seen, "dev"):
        until(lambda: seen.of("one") and not seen.trouble, seconds=SECONDS)

    assert "slow down" in troubles[0]
    assert troubles[-1] == ""
    assert seen.of("one")
