"""Requests for which there is no route, in both kinds of events."""

import httpx
import pytest

from tests.contracts.api import UNKNOWN, assert_problem
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client


@pytest.fixture(params=["http", "rest"])
def api(request: pytest.FixtureRequest) -> httpx.Client:
    return gateway_client(FakeServices(authenticates=True), request.param)


# Not in the API's contract: an emulator may answer OPTIONS by itself.
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/tasks", {"GET", "HEAD", "POST", "OPTIONS"}),
        (f"/tasks/{UNKNOWN}", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}),
        (f"/tasks/{UNKNOWN}/approval", {"POST", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_names_the_methods_of_a_path_without_a_token(
    api: httpx.Client, path: str, allowed: set[str]
) -> None:
    answer = api.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_a_preflight_request_succeeds(api: httpx.Client) -> None:
    """HTTP APIs give it to the route for unmatched requests, and add the headers to its answer."""
    headers = {"Origin": "https://tasks.example", "Access-Control-Request-Method": "PUT"}
    assert 200 <= api.options(f"/tasks/{UNKNOWN}", headers=headers).status_code < 300


def test_options_of_an_unknown_path_returns_404(api: httpx.Client) -> None:
    assert_problem(api.options("/task"), 404)
