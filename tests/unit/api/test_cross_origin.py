"""CORS headers of answers, where the gateway leaves them to the functions."""

import httpx
import pytest

from services.api.cross_origin import EXPOSED_HEADERS
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client

OURS, THEIRS = "https://tasks.example", "https://else.example"


def answer_to(origin: str | None, api_type: str, *allowed: str) -> httpx.Headers:
    with gateway_client(FakeServices(allowed_origins=allowed), api_type) as api:
        return api.get("/tasks", headers={"Origin": origin} if origin else {}).headers


@pytest.mark.parametrize(
    ("allowed", "origin", "named"),
    [([OURS], OURS, OURS), ([THEIRS, OURS], OURS, OURS), (["*"], THEIRS, "*"), (["*"], None, "*")],
)
def test_an_allowed_origin_may_read_the_answer(allowed: list[str], origin: str | None, named: str) -> None:
    headers = answer_to(origin, "rest", *allowed)

    assert headers["access-control-allow-origin"] == named
    assert headers["access-control-expose-headers"].split(",") == list(EXPOSED_HEADERS)


@pytest.mark.parametrize(("allowed", "origin"), [([OURS], THEIRS), ([], THEIRS), ([OURS], None)])
def test_any_other_origin_gets_no_cors_headers(allowed: list[str], origin: str | None) -> None:
    assert "access-control-allow-origin" not in answer_to(origin, "rest", *allowed)


@pytest.mark.parametrize("origin", [OURS, THEIRS, None])
def test_a_cache_keeps_answers_for_one_origin_from_another(origin: str | None) -> None:
    assert answer_to(origin, "rest", OURS)["vary"] == "Origin"


def test_behind_an_http_api_the_gateway_adds_the_headers() -> None:
    assert "access-control-allow-origin" not in answer_to(OURS, "http", "*")
