"""Requests for which there is no route, in both kinds of events."""

import httpx
import pytest

from scripts.operators.gateway_events import gateway_event
from services.api.entry_point import entry_point
from tests.contracts.api import UNKNOWN, assert_problem
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client
from tests.harness.import_anew import imported_anew


@pytest.fixture(params=["http", "rest"])
def api(request: pytest.FixtureRequest) -> httpx.Client:
    return gateway_client(FakeServices(authenticates=True), request.param)


# Not in the API's contract: an emulator may answer OPTIONS by itself.
ALLOWED = pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/tasks", {"GET", "HEAD", "POST", "OPTIONS"}),
        (f"/tasks/{UNKNOWN}", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}),
        (f"/tasks/{UNKNOWN}/approval", {"POST", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
    ],
)


@ALLOWED
def test_options_names_the_methods_of_a_path_without_a_token(
    api: httpx.Client, path: str, allowed: set[str]
) -> None:
    answer = api.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == allowed


@ALLOWED
def test_the_methods_follow_from_the_operations(path: str, allowed: set[str]) -> None:
    """They are derived at the import, so that is done here: `make mutants` changes what a test does."""
    no_route = imported_anew("services.api.no_route").no_route
    handler = entry_point({}, lambda *_: FakeServices(), otherwise=no_route)

    answer = handler(
        gateway_event(httpx.Request("OPTIONS", f"http://tasks.test{path}"), "", {}, "http"), None
    )

    assert set(answer["headers"]["Allow"].split(", ")) == allowed


def test_a_preflight_request_succeeds(api: httpx.Client) -> None:
    """HTTP APIs give it to the route for unmatched requests, and add the headers to its answer."""
    headers = {"Origin": "https://tasks.example", "Access-Control-Request-Method": "PUT"}
    assert 200 <= api.options(f"/tasks/{UNKNOWN}", headers=headers).status_code < 300


def test_options_of_an_unknown_path_returns_404(api: httpx.Client) -> None:
    assert_problem(api.options("/task"), 404)
