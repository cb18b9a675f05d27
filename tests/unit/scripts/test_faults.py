"""`make break`, `make mend` and the demo's chapter on faults: what they refuse."""

from types import SimpleNamespace
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.functions import function_map
from scripts.clouds.concurrency_limits import limit_every_version
from scripts.command_line.options import seconds
from scripts.deployments.target import Target
from scripts.operators import faults
from scripts.operators.faults import denied_actions
from tests.harness.command_line import task_manager

OUTPUTS: dict[str, Any] = {"function_names": {name: f"stack-{name}" for name in function_map()}}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The local cloud that runs; no client of it may be made."""
    running = SimpleNamespace(cloud="localstack")

    def untouched(service: str) -> Any:
        raise AssertionError(f"{service} was called")

    monkeypatch.setattr(faults, "running_stack", lambda: running)
    monkeypatch.setattr(faults, "chosen_target", lambda: Target(OUTPUTS, untouched))
    return running


def test_all_rights_of_a_function_are_denied_by_default() -> None:
    assert denied_actions("on_completed") == ["dynamodb:PutItem", "dynamodb:UpdateItem", "s3:PutObject"]


@pytest.mark.parametrize("pattern", ["s3:PutObject", "dynamodb:*", "*"])
def test_a_pattern_of_rights_is_denied_as_it_is(pattern: str) -> None:
    assert denied_actions("on_completed", pattern) == [pattern]


def test_a_right_that_the_function_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(
        Failure, match=r"no right to sns:Publish: ACTION is one of dynamodb:PutItem, .*s3:Put"
    ):
        denied_actions("on_completed", "sns:Publish")


def test_a_function_without_rights_can_only_be_throttled() -> None:
    with pytest.raises(Failure, match=r"show_console has no rights .* use THROTTLE=0"):
        denied_actions("show_console")


def test_rights_are_not_denied_where_no_policy_is_enforced(cloud: SimpleNamespace) -> None:
    with pytest.raises(Failure, match="localstack does not enforce policies: use THROTTLE=0"):
        task_manager("break", "--fn=on_completed")
    with pytest.raises(Failure, match="localstack does not enforce policies"):
        task_manager("demo", "--chapter=faults")


def test_unknown_functions_are_refused_before_anything_is_broken(cloud: SimpleNamespace) -> None:
    cloud.cloud = "embedded"

    with pytest.raises(Failure, match="there is no function nothing"):
        task_manager("break", "--fn=nothing")
    with pytest.raises(Failure, match="names several functions"):
        task_manager("break", "--fn=on_", "--throttle=0")


def test_a_function_or_a_delivery_is_broken_not_both_and_not_neither() -> None:
    with pytest.raises(Failure, match="FN= is a function, BUS= a queue"):
        task_manager("break")
    with pytest.raises(Failure, match="FN= is a function, BUS= a queue"):
        task_manager("break", "--fn=relay", "--bus=created")


def test_a_latency_is_a_time_and_needs_the_embedded_cloud(cloud: SimpleNamespace) -> None:
    assert task_manager("break", "--fn=relay", "--latency=soon") == 2

    with pytest.raises(Failure, match="localstack does not slow functions down"):
        task_manager("break", "--fn=relay", "--latency=2s")


@pytest.mark.parametrize(("text", "expected"), [("2s", 2), ("300ms", 0.3), ("1.5", 1.5)])
def test_a_latency_is_read_in_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_nothing_is_broken_on_aws() -> None:
    with pytest.raises(Failure, match="for the local cloud only"):
        task_manager("demo", "--chapter=faults", "--env=prod")
    assert task_manager("break", "--fn=relay", "--env=prod") == 2


def test_a_limit_of_executions_counts_for_every_version_of_a_function() -> None:
    version = {"config": {"FunctionName": "relay"}}
    whole = {"concurrency": 0}
    emulator = SimpleNamespace(
        _functions={"relay": whole}, _reserved_concurrency=lambda function, _: function.get("concurrency")
    )
    assert emulator._reserved_concurrency(version, version["config"]) is None

    limit_every_version(emulator)

    assert emulator._reserved_concurrency(version, version["config"]) == 0
    assert emulator._reserved_concurrency({"concurrency": 3}, {"FunctionName": "gone"}) == 3
