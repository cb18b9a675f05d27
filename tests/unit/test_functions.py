"""services/functions.json agrees with the code that it names."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from functools import cache

import pytest

from scripts.economics.function_map import rights
from services import api, composition
from services.composition import AwsServices, Use
from services.settings import MissingSetting, Settings
from tests.harness.function_map import FUNCTIONS, by_trigger

# Service → the resources that its rights are on.
RESOURCES = {
    "tasks": {"tasks_table", "tasks_by_status_index", "tasks_by_user_index", "idempotency_table"},
    "retention": {"tasks_table"},
    "statistics": {"statistics_table"},
    "feed": {"feed_table", "feed_by_user_index"},
    "approvals": {"approvals_table"},
    "workflow": {"approval_state_machine", "any_waiting_execution"},
    "bus": {"event_bus"},
    "parking": {"relay_dead_letter_queue", "archive_bucket_parked"},
    "notifications": {"notifications_topic"},
    "archive": {"archive_bucket_tasks"},
}
WITH_STATUS_SHARDS = {"create_task", "update_task", "apply_decision", "list_tasks"}
WITHOUT_RIGHTS = {"meter", "retention_period"}


@cache
def uses() -> dict[str, list[str]]:
    """Function → the services that its entry point asks for at its start."""
    found: dict[str, list[str]] = {}

    def make(services: AwsServices, used: Iterable[Use]) -> None:
        found[services.settings.function] = sorted(used)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AwsServices, "make", make)
        patch.setattr(composition, "_tune", lambda _: None)  # this process is no function
        for name, function in FUNCTIONS.items():
            patch.setenv("AWS_LAMBDA_FUNCTION_NAME", name)
            patch.setenv("POWERTOOLS_SERVICE_NAME", name.replace("_", "-"))
            # A copy of the module, which asks for its services at its start.
            spec = importlib.util.find_spec(function["handler"].rpartition(".")[0])
            assert spec
            assert spec.loader
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert len(found) == len(FUNCTIONS)
    return found


class Recording(dict[str, str]):
    """An environment with every variable, but `without` one, that records which are read."""

    def __init__(self, without: str = "") -> None:
        super().__init__()
        self.read: set[str] = set()
        self._without = without

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.read.add(name)
        return default if name == self._without else "1"


def needs(setting: str, function: str) -> bool:
    """Whether the function does not start without this setting."""
    try:
        AwsServices(Settings(Recording(without=setting))).make(uses()[function])
    except MissingSetting:
        return True
    return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_handler_exists(name: str) -> None:
    module, _, attribute = FUNCTIONS[name]["handler"].rpartition(".")
    assert module.rpartition(".")[2] == name
    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_what_its_services_need_and_nothing_else(name: str) -> None:
    allowed = {resource for right in FUNCTIONS[name]["rights"] for resource in right["on"]}
    used = set(uses()[name]) - WITHOUT_RIGHTS

    assert allowed <= {resource for service in used for resource in RESOURCES[service]}
    assert all(allowed & RESOURCES[service] for service in used)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_settings_that_its_services_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.composition.client", lambda _: None)
    given, environment = set(FUNCTIONS[name]["environment"]), Recording()

    AwsServices(Settings(environment)).make(uses()[name])

    assert {setting for setting in environment.read if needs(setting, name)} <= given <= environment.read


@pytest.mark.parametrize(
    ("setting", "resource"),
    [("IDEMPOTENCY_TABLE", "idempotency_table"), ("APPROVAL_STATE_MACHINE", "approval_state_machine")],
)
def test_a_setting_of_a_resource_is_given_to_functions_with_rights_on_it(setting: str, resource: str) -> None:
    for name, function in FUNCTIONS.items():
        allowed = {on for right in function["rights"] for on in right["on"]}
        assert (setting in function["environment"]) == (resource in allowed), name


def test_functions_that_count_events_know_how_long_to_keep_markers() -> None:
    told = {name for name, function in FUNCTIONS.items() if "PROCESSED_EVENT_DAYS" in function["environment"]}
    assert told == {"on_created", "on_completed"}


def test_functions_that_write_or_list_a_status_know_its_shards() -> None:
    """A writer without them is harmless; a reader would miss all shards but one."""
    told = {name for name, function in FUNCTIONS.items() if "STATUS_SHARDS" in function["environment"]}
    assert told == WITH_STATUS_SHARDS


def test_functions_that_write_or_read_the_feed_know_its_shards() -> None:
    told = {name for name, function in FUNCTIONS.items() if "FEED_SHARDS" in function["environment"]}
    assert told == {name for name, _, resource in rights() if resource == "feed_table"}


def test_every_endpoint_is_deployed_with_the_routes_and_scopes_of_its_operations() -> None:
    names = [found.name for found in pkgutil.iter_modules(api.__path__)]
    modules = {name: importlib.import_module(f"services.api.{name}") for name in names}
    endpoints = {name: module.ENDPOINTS for name, module in modules.items() if hasattr(module, "ENDPOINTS")}

    answered = {
        name: {operation.route: operation.scope or "public" for operation in operations}
        for name, operations in endpoints.items()
    }

    assert answered == {name: f["trigger"]["routes"] for name, f in by_trigger("http").items()}
