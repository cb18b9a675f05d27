"""What pages of allowed origins may send and see (Fetch, "CORS protocol"); see also test_rest_api.py."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from scripts.base.paths import INFRA
from services.api.cross_origin import EXPOSED_HEADERS
from services.api.operations import OPERATIONS
from tests.harness.function_map import by_trigger, with_head
from tests.harness.plan import Plan

# Those that no operation names, but the functions or the gateway read, and those of tracing.
ALSO_READ = {"authorization", "content-type", "x-correlation-id"}
TRACING = {"traceparent", "tracestate", "baggage", "x-amzn-trace-id"}


@pytest.fixture
def rules(flavour: Callable[[str], Plan]) -> dict[str, Any]:
    (api,) = flavour("options").of_type("aws_apigatewayv2_api")
    (rules,) = api.values["cors_configuration"]
    return dict(rules)


def test_the_named_origins_are_allowed_and_no_others(rules: dict[str, Any]) -> None:
    assert rules["allow_origins"] == ["https://tasks.example.com"]


def test_every_method_of_the_api_is_allowed(rules: dict[str, Any]) -> None:
    routes = with_head(route for f in by_trigger("http").values() for route in f["trigger"]["routes"])
    assert set(rules["allow_methods"]) == {route.split(" ")[0] for route in routes} | {"OPTIONS"}


def test_every_header_that_is_read_may_be_sent_and_those_that_were_configured(rules: dict[str, Any]) -> None:
    described = {p.name.lower() for o in OPERATIONS for p in o.parameters if p.place == "header"}
    assert set(rules["allow_headers"]) == described | ALSO_READ | TRACING | {"b3"}


def test_every_header_that_a_client_needs_may_be_read(rules: dict[str, Any]) -> None:
    described = {h.name.lower() for o in OPERATIONS for a in (o.answers or {}).values() for h in a.headers}

    assert described < set(EXPOSED_HEADERS)
    assert set(rules["expose_headers"]) == set(EXPOSED_HEADERS)


def test_cross_origin_calls_carry_no_credentials(rules: dict[str, Any]) -> None:
    """AWS refuses credentials with `*` as origin; tokens are sent in the header Authorization."""
    assert not rules["allow_credentials"]


def test_a_browser_may_remember_a_preflight_for_an_hour(rules: dict[str, Any]) -> None:
    assert rules["max_age"] == 3600


def test_both_front_doors_get_the_same_rules() -> None:
    """The module of REST APIs is planned alone in test_rest_api.py: here its document is not known yet."""
    given = re.findall(r"^  cross_origin += (local\S+)$", (INFRA / "api.tf").read_text("utf-8"), re.MULTILINE)
    assert given == ["local.cross_origin"] * 2
