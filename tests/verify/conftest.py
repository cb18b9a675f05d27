"""Fixtures of the checks, on the deployment that `make verify` names.

Most checks are contract and integration tests, imported by name; the fixtures here have the names that those
tests use. The checks' tasks have random owners, so that they can be recognised and removed.
"""

import time
from collections.abc import Iterator
from functools import cache, partial
from uuid import uuid4

import httpx
import pytest

from scripts.deployments.aws.bearer import claims_of
from scripts.deployments.target import LOCAL, Target
from scripts.deployments.tokens import api_client, token_for
from scripts.operators.tap import Tap, tap
from scripts.operators.verification.client import CheckingClient, unused
from scripts.operators.verification.run import Run, section_of
from services.core.callers import Scope
from tests.harness import waiting
from tests.verify.poison import Poison, poisoned

ANOTHER_TRY_SECONDS = 10
# CloudWatch Logs allows an account few searches a second.
AWS_POLL_SECONDS = 0.5


@pytest.fixture(scope="session", autouse=True)
def patience(run: Run) -> Iterator[None]:
    """Sets how long effects may take once the first event has arrived."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "DEADLINE_SECONDS", run.patience)
        if run.environment != LOCAL:
            patch.setattr(waiting, "POLL_SECONDS", AWS_POLL_SECONDS)
        yield


@pytest.fixture(scope="session", autouse=True)
def poison(run: Run, request: pytest.FixtureRequest) -> Poison | None:
    """The unreadable message of check_operators.py, sent before all other checks if those checks will run."""
    wanted = any(section_of(item) == "operators" for item in request.session.items)
    return poisoned(run) if wanted else None


@pytest.fixture(scope="session")
def stack(run: Run) -> Target:
    """The deployment: outputs and clients, which is all that these checks use of a stack."""
    return run.target


@pytest.fixture(scope="session")
def caller(run: Run) -> str | None:
    """The subject of the checks' token; None where the API takes no tokens."""
    token = token_for(run.target, "verify", tuple(Scope))
    claims = claims_of(token) if token else None
    return str(claims["sub"]) if claims else None


@pytest.fixture(scope="session")
def api(run: Run) -> Iterator[httpx.Client]:
    """An HTTP client of the API, with every scope."""
    make = partial(CheckingClient, run.made, cache(partial(unused, run.target)))
    with api_client(run.target, "verify", make=make) as client:
        yield client


@pytest.fixture(scope="session")
def bus(run: Run) -> Iterator[Tap]:
    """Receives the events on the bus; its rule and its queue are removed at the end."""
    with tap(run.target, run.made.tap) as opened:
        yield opened


@pytest.fixture
def user() -> str:
    return f"verify-{uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def first_event(run: Run, api: httpx.Client, bus: Tap) -> float | None:
    """Seconds until the first event of a new task arrived; None if none arrived in time.

    A rule and a stream's mapping take minutes to start on AWS, so one task is not enough.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """
    owner, started, last = f"verify-{uuid4().hex[:12]}", time.monotonic(), float("-inf")
    while time.monotonic() - started < run.first_event_seconds:
        if time.monotonic() - last > ANOTHER_TRY_SECONDS:
            last = time.monotonic()
            api.post("/tasks", json={"title": "The first event", "userId": owner}).raise_for_status()
        if any(event.detail["userId"] == owner for event in bus.receive()):
            return time.monotonic() - started
    return None


@pytest.fixture
def events_arrive(first_event: float | None) -> None:
    """Leaves a check unverified if it waits for events and none arrive."""
    if first_event is None:
        pytest.skip("no event arrives: see the first check of `events`")
