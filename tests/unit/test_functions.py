"""services/functions.json agrees with the code that it names."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway import ENDPOINTS

FUNCTIONS: dict[str, Any] = json.loads(Path("services/functions.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_handler_exists(name: str) -> None:
    module, _, attribute = FUNCTIONS[name]["handler"].rpartition(".")
    assert module.rpartition(".")[2] == name
    assert callable(getattr(importlib.import_module(module), attribute))


def test_who_writes_a_status_or_lists_by_it_knows_its_shards() -> None:
    """A writer that does not know them is harmless; a reader would miss all but one."""
    told = {name for name, function in FUNCTIONS.items() if "STATUS_SHARDS" in function["environment"]}
    assert told == {"create_task", "update_task", "apply_decision", "list_tasks"}


def test_every_endpoint_is_deployed_with_the_routes_that_it_answers() -> None:
    declared = {
        name: set(f["trigger"]["routes"]) for name, f in FUNCTIONS.items() if f["trigger"]["type"] == "http"
    }
    assert declared == {module.__name__.rpartition(".")[2]: set(module.ROUTES) for module in ENDPOINTS}
