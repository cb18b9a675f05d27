"""docs/openapi.json is what the models say, valid, and true."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from services.api.openapi import document

COMMITTED = Path("docs/openapi.json")
FUNCTIONS = json.loads(Path("services/functions.json").read_text(encoding="utf-8"))


def test_the_document_is_valid_openapi() -> None:
    validate(document())


def test_the_committed_document_is_up_to_date() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == document(), "run: make openapi"


def test_every_route_is_described() -> None:
    routes = {route for f in FUNCTIONS.values() for route in f["trigger"].get("routes", [])}
    described = {
        f"{method.upper()} {path}"
        for path, operations in document()["paths"].items()
        for method in operations
    }
    assert described == routes - {"GET /", "GET /openapi.json", "GET /docs"}
