"""The function map: what its schema refuses, and what its reader gives."""

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from scripts.base import functions
from scripts.base.failure import Failure
from scripts.base.functions import Function, HttpTrigger, QueueTrigger, Right, StreamTrigger, function_map
from scripts.base.paths import FUNCTIONS, FUNCTIONS_SCHEMA
from scripts.build.botocore_data import operations
from scripts.quality.function_map import check_function_map

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def changed_map(tmp_path: Path) -> Callable[[Change], Path]:
    """A copy of the map with one change."""

    def write(change: Change) -> Path:
        content = json.loads(FUNCTIONS.read_text(encoding="utf-8"))
        change(content)
        file = tmp_path / "functions.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    return write


def test_the_map_fits_its_schema() -> None:
    check_function_map()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m["relay"].update(memory_mbb=512), ("relay: ", "'memory_mbb'", "allowed: ", "memory_mb,")),
        (lambda m: m["relay"].update(memory_mb="512"), ("relay.memory_mb: ", "integer")),
        (lambda m: m["relay"].update(memory_mb=64), ("relay.memory_mb: ", "128")),
        (lambda m: m["relay"].pop("handler"), ("relay: ", "'handler' is a required property")),
        (
            lambda m: m["relay"]["trigger"].update(type="topic"),
            ("relay.trigger.type: ", "'topic'", "'queue'"),
        ),
        (
            lambda m: m["relay"]["trigger"].update(queue="x"),
            ("relay.trigger: ", "'queue'", "allowed: type, table"),
        ),
        (
            lambda m: m["relay"]["rights"][0].update(resources=[]),
            ("relay.rights.0: ", "allowed: actions, on"),
        ),
        (lambda m: m["relay"]["rights"][0].update(actions=["events:*"]), ("relay.rights.0.actions.0: ",)),
        (
            lambda m: m["get_task"]["trigger"]["routes"].update({"GET tasks": "public"}),
            ("get_task", "'GET tasks'"),
        ),
        (lambda m: m["get_task"]["trigger"]["routes"].update({"GET /x": "task/read"}), ("'tasks/read'",)),
        (lambda m: m.update({"Relay": {}}), ("the map: ", "'Relay'")),
    ],
)
def test_an_error_in_the_map_is_named_with_what_is_allowed(
    changed_map: Callable[[Change], Path], change: Change, named: tuple[str, ...]
) -> None:
    file = changed_map(change)

    with pytest.raises(Failure) as refused:
        check_function_map(file)

    (line,) = str(refused.value).splitlines()
    assert all(part in line for part in named), line


def test_the_reader_refuses_a_misspelt_key(
    changed_map: Callable[[Change], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    misspelt = changed_map(lambda content: content["relay"].update(memory_mbb=512))
    monkeypatch.setattr(functions, "FUNCTIONS", misspelt)

    with pytest.raises(Failure, match=r"relay .*make lint.*memory_mbb"):
        function_map.__wrapped__()


def test_the_reader_gives_every_kind_of_trigger_its_type() -> None:
    read = function_map()

    assert read["get_task"].trigger == HttpTrigger({"GET /tasks/{taskId}": "tasks/read"})
    assert read["on_deleted"].trigger == QueueTrigger("deleted", ("TaskDeleted", "TaskExpired"))
    assert read["deliver_decision"].trigger == StreamTrigger(("approvals",))
    assert read["relay"].timeout_seconds == 30
    assert read["relay"].rights[0] == Right(("events:PutEvents",), ("event_bus",))
    assert read["on_completed"].environment == ("PROCESSED_EVENT_DAYS", "RETENTION_DAYS")


def test_schema_and_reader_know_the_same_keys() -> None:
    schema = json.loads(FUNCTIONS_SCHEMA.read_text(encoding="utf-8"))["$defs"]

    assert set(schema["function"]["properties"]) == {field.name for field in fields(Function)}
    assert set(schema["right"]["properties"]) == {field.name for field in fields(Right)}


def test_the_package_s_operations_follow_from_the_rights() -> None:
    kept = operations()

    assert kept["stepfunctions"] == ("SendTaskSuccess", "StartExecution")
    assert "DeleteItem" in kept["dynamodb"]
    assert "Scan" not in kept["dynamodb"]
