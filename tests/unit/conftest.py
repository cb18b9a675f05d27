"""Fixtures of the unit tests."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import Phase, settings

from services.adapters.telemetry import logger

# How long an example takes depends on what else the machine does.
settings.register_profile("unit", deadline=None)
# `make mutants` runs each test hundreds of times: the same few examples each time, and none made smaller.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=10,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("unit")

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the instance's metadata service, and any proxy that the integration tests have set."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The lines that the functions log, parsed from JSON."""
    buffer = io.StringIO()
    former = logger.registered_handler.setStream(buffer)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in buffer.getvalue().splitlines()]
    logger.registered_handler.setStream(former)  # type: ignore[attr-defined]
