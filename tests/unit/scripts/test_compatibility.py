"""Breaking changes of the API are reported; additions are not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts.documents.compatibility import broken_promises
from scripts.documents.contracts import DOCS

Document = dict[str, Any]
PUBLISHED: Document = json.loads((DOCS / "openapi.json").read_text("utf-8"))


def schemas(document: Document) -> Document:
    return dict(document["components"]["schemas"])


def remove_operation(document: Document) -> None:
    del document["paths"]["/tasks"]["post"]


def remove_answer_field(document: Document) -> None:
    for schema in schemas(document).values():
        if "nextCursor" in schema.get("properties", {}):
            del schema["properties"]["nextCursor"]


def want_a_parameter(document: Document) -> None:
    parameter = {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    document["paths"]["/tasks"]["get"]["parameters"].append(parameter)


def answer_otherwise(document: Document) -> None:
    answers = document["paths"]["/tasks"]["post"]["responses"]
    answers["200"] = answers.pop("201")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (remove_operation, "POST /tasks: removed"),
        (remove_answer_field, "nextCursor: removed"),
        (want_a_parameter, "GET /tasks: requires the parameter tenant"),
        (answer_otherwise, "POST /tasks: no longer answers 201"),
    ],
)
def test_a_breaking_change_is_reported(change: Callable[[Document], None], told: str) -> None:
    changed = copy.deepcopy(PUBLISHED)
    change(changed)

    found = list(broken_promises(PUBLISHED, changed))

    assert any(told in promise for promise in found), found


def test_additions_break_nothing() -> None:
    changed = copy.deepcopy(PUBLISHED)
    changed["paths"]["/new"] = changed["paths"]["/tasks"]
    optional = {"name": "sort", "in": "query", "schema": {"type": "string"}}
    changed["paths"]["/tasks"]["get"]["parameters"].append(optional)

    assert list(broken_promises(PUBLISHED, changed)) == []
