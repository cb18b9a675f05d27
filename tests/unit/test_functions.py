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


def test_every_endpoint_is_deployed_with_the_routes_that_it_answers() -> None:
    declared = {
        name: set(f["trigger"]["routes"]) for name, f in FUNCTIONS.items() if f["trigger"]["type"] == "http"
    }
    assert declared == {module.__name__.rpartition(".")[2]: set(module.ROUTES) for module in ENDPOINTS}
