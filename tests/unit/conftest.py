"""Fixtures of the unit tests."""

import io
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, settings

from services.adapters.telemetry import logger

# How long an example takes depends on what else the machine does.
settings.register_profile("unit", deadline=None)
# `make unit`, which is run before every commit; `make test` and CI try five times as many examples.
settings.register_profile("brief", deadline=None, max_examples=20)
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

LOOPBACK = ("127.0.0.1", "::1", "localhost")

LogLines = Callable[[], list[dict[str, Any]]]


# Of the whole folder, for one of each test takes a second of three thousand.
@pytest.fixture(autouse=True, scope="package")
def no_network() -> Iterator[None]:
    """Refuse connections to other machines; disable any proxy that the integration tests have set."""

    def on_this_machine(connect: Callable[..., Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
                raise AssertionError(f"a test connects to {address}: it may use no network")
            return connect(self, address)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, on_this_machine(getattr(socket.socket, name)))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("http_proxy", "HTTP_PROXY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="package")
def no_programs_and_no_pauses() -> Iterator[None]:
    """Unit tests start no programs; those that have to are in tests/programs. botocore retries at once."""

    def refused(_: object, command: object, *__: object, **___: object) -> None:
        raise AssertionError(f"a unit test starts {command}: move it to tests/programs")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", refused)
        patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
        yield


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The lines that the functions log, parsed from JSON."""
    buffer = io.StringIO()
    former = logger.registered_handler.setStream(buffer)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in buffer.getvalue().splitlines()]
    logger.registered_handler.setStream(former)  # type: ignore[attr-defined]
