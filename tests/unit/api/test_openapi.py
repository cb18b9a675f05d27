"""docs/openapi.json is valid, up to date, and true of the deployment."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.api.openapi import document
from services.api.openapi_security import SCOPE
from tests.harness.fakes import FakeServices
from tests.harness.function_map import FUNCTIONS
from tests.harness.gateway import gateway_client
from tests.harness.import_anew import imported_anew

COMMITTED = Path("docs/openapi.json")
SCOPES = {route: scope for f in FUNCTIONS.values() for route, scope in f["trigger"].get("routes", {}).items()}


def operations(described: dict[str, Any]) -> dict[str, Any]:
    """By route, as the function map names it."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.parametrize("authenticates", [True, False])
def test_the_document_is_valid_openapi(authenticates: bool) -> None:
    validate(document(authenticates=authenticates))


def test_the_committed_document_is_up_to_date() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == document(authenticates=True), "run: make openapi"


def test_the_examples_are_what_the_models_give() -> None:
    """They are made at the import, so that is done here: `make mutants` changes what a test does."""
    examples = imported_anew("services.api.openapi_examples").EXAMPLES
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    shown = [
        content["example"]
        for operation in operations(committed).values()
        for answer in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in answer.get("content", {}).values()
        if "example" in content
    ]

    assert [model.__name__ for model, example in examples.items() if example not in shown] == []


@pytest.mark.parametrize("authenticates", [True, False])
def test_the_served_document_fits_the_deployment(authenticates: bool) -> None:
    with gateway_client(FakeServices(authenticates=authenticates)) as api:
        assert api.get("/openapi.json").json() == document(authenticates=authenticates)


def test_every_route_is_described_with_the_scope_that_the_gateway_requires() -> None:
    described = operations(document(authenticates=True))
    wanted = {route: operation[SCOPE] for route, operation in described.items()}

    assert wanted == {route: scope for route, scope in SCOPES.items() if scope != "public"}
    for operation in described.values():
        assert operation["security"] == [{"token": []}]
        assert f"`{operation[SCOPE]}`" in operation["description"]

    public = {route for route, scope in SCOPES.items() if scope == "public"}
    assert public <= {"GET /", "GET /docs", "GET /docs/events", "GET /openapi.json"}, "what holds no data"


def test_401_and_403_are_described_only_with_authentication() -> None:
    for authenticates in (True, False):
        for operation in operations(document(authenticates=authenticates)).values():
            assert ({"401", "403"} <= set(operation["responses"])) == authenticates
            assert ("security" in operation) == authenticates
