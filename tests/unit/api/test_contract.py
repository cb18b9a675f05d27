"""The API's contract in-process, for both kinds of front door."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.contracts.api import ApiContract
from tests.harness.fakes import FakeServices, Ticking
from tests.harness.gateway import gateway_client


class TestApi(ApiContract):
    @pytest.fixture(params=["http", "rest"])
    def api(self, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
        with gateway_client(FakeServices(), request.param) as client:
            yield client


def test_an_idempotency_key_counts_for_24_hours() -> None:
    clock = Ticking()
    body, headers = {"title": "once", "userId": "ada"}, {"Idempotency-Key": "monday"}
    with gateway_client(FakeServices(clock=clock), "http") as api:
        first = api.post("/tasks", json=body, headers=headers).json()

        clock.advance(timedelta(hours=24, minutes=-1))
        assert api.post("/tasks", json=body, headers=headers).json() == first

        clock.advance(timedelta(minutes=1))
        assert api.post("/tasks", json=body, headers=headers).json()["taskId"] != first["taskId"]


def test_a_subject_with_a_slash_needs_the_query() -> None:
    """HTTP APIs look for a route with the decoded path."""
    with gateway_client(FakeServices(), "http") as api:
        assert api.get("/users/https%3A%2F%2Fissuer%2F1/stats").status_code == 404
        assert api.get("/users/stats", params={"userId": "https://issuer/1"}).status_code == 200
