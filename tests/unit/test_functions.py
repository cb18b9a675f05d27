"""services/functions.json agrees with the code that it names."""

import importlib
import pkgutil

import pytest

from scripts.economics.function_map import rights
from services import api
from tests.function_map import FUNCTIONS, by_trigger


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_handler_exists(name: str) -> None:
    module, _, attribute = FUNCTIONS[name]["handler"].rpartition(".")
    assert module.rpartition(".")[2] == name
    assert callable(getattr(importlib.import_module(module), attribute))


def test_who_writes_a_status_or_lists_by_it_knows_its_shards() -> None:
    """A writer that does not know them is harmless; a reader would miss all but one."""
    told = {name for name, function in FUNCTIONS.items() if "STATUS_SHARDS" in function["environment"]}
    assert told == {"create_task", "update_task", "apply_decision", "list_tasks"}


def test_who_writes_the_feed_or_reads_it_knows_its_shards() -> None:
    told = {name for name, function in FUNCTIONS.items() if "FEED_SHARDS" in function["environment"]}
    assert told == {name for name, _, resource in rights() if resource == "feed_table"}


def test_every_endpoint_is_deployed_with_the_routes_that_it_answers() -> None:
    names = [found.name for found in pkgutil.iter_modules(api.__path__)]
    modules = {name: importlib.import_module(f"services.api.{name}") for name in names}
    answered = {name: set(module.ROUTES) for name, module in modules.items() if hasattr(module, "ROUTES")}
    assert answered == {name: set(f["trigger"]["routes"]) for name, f in by_trigger("http").items()}
