"""Fixtures of the unit tests."""

import io
import json
import subprocess
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from services.adapters.telemetry import logger

# How long an example takes depends on what else the machine does.
settings.register_profile("unit", deadline=None)
settings.load_profile("unit")

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the instance's metadata service, and any proxy that the integration tests have set."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore retries at once: its pauses, of up to twenty seconds, are not ours to test."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests start no programs; those that have to are in tests/programs."""

    def refused(_: object, command: object, *__: object, **___: object) -> None:
        raise AssertionError(f"a unit test starts {command}: move it to tests/programs")

    monkeypatch.setattr(subprocess.Popen, "__init__", refused)


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The lines that the functions log, parsed from JSON."""
    buffer = io.StringIO()
    former = logger.registered_handler.setStream(buffer)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in buffer.getvalue().splitlines()]
    logger.registered_handler.setStream(former)  # type: ignore[attr-defined]
