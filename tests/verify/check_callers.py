"""Requests with no token, a forged token and a read-only token. Left out where the API is open."""

import os
from collections.abc import Iterator

import httpx
import pytest

from scripts.base.loopback import http_client
from scripts.deployments.aws.bearer import TOKEN
from scripts.deployments.target import Target
from scripts.deployments.tokens import api_client, token_for
from services.core.callers import Scope
from tests.contracts.api import UNKNOWN
from tests.harness.function_map import by_trigger

READ_TOKEN = "API_READ_TOKEN"
SCOPES = {
    route.replace("{taskId}", UNKNOWN).replace("{userId}", "nobody"): scope
    for function in by_trigger("http").values()
    for route, scope in function["trigger"]["routes"].items()
}
GUARDED = [route for route, scope in SCOPES.items() if scope != "public"]
PUBLIC = [route for route, scope in SCOPES.items() if scope == "public"]


def status(stack: Target, token: str | None, route: str) -> int:
    """The status of the response to a route with this token. The body is empty, so nothing is created."""
    method, path = route.split(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with http_client(stack.outputs["api_url"], headers=headers) as client:
        return client.request(method, path).status_code


@pytest.fixture(scope="session")
def token(stack: Target) -> str:
    found = token_for(stack, "verify", tuple(Scope))
    assert found is not None
    return found


@pytest.fixture(scope="session")
def reader(stack: Target) -> Iterator[httpx.Client]:
    """A caller with a read-only token."""
    given = os.environ.get(READ_TOKEN)
    if os.environ.get(TOKEN) and not given:
        pytest.skip(f"needs a token with tasks/read alone in {READ_TOKEN}, beside {TOKEN}")
    with api_client(stack, "verify", (Scope.READ,)) as client:
        if given:
            client.headers["Authorization"] = f"Bearer {given}"
        yield client


@pytest.mark.parametrize("route", GUARDED)
def test_a_request_without_a_token_is_answered_with_401(stack: Target, route: str) -> None:
    assert status(stack, None, route) == 401


@pytest.mark.parametrize("route", GUARDED)
def test_a_token_with_a_forged_signature_is_refused(stack: Target, token: str, route: str) -> None:
    signed, _, signature = token.rpartition(".")
    assert status(stack, f"{signed}.{signature[::-1]}", route) == 401


@pytest.mark.parametrize("route", PUBLIC)
def test_a_public_route_needs_no_token(stack: Target, route: str) -> None:
    assert status(stack, None, route) == 200


@pytest.mark.parametrize("route", [route for route in GUARDED if SCOPES[route] != Scope.READ])
def test_a_read_only_token_cannot_write_or_approve(reader: httpx.Client, route: str) -> None:
    method, path = route.split(" ")
    assert reader.request(method, path).status_code == 403


def test_a_read_only_token_can_read(reader: httpx.Client) -> None:
    assert reader.get("/tasks").status_code == 200
