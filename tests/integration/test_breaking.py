"""`make break` and `make mend`, as an operator uses them, and the demo's chapter on faults."""

from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators import demo, faults, queues, replay, status
from scripts.operators.tap import tap
from tests.harness.command_line import task_manager
from tests.harness.faults import dead_letters
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

enforced = pytest.mark.requires("iam_enforcement")


@pytest.fixture(autouse=True)
def target(stack: DeployedStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """The deployed stack, which the commands are made to choose; whole again afterwards."""
    chosen = Target(stack.outputs, cache(stack.client))
    for command in (demo, faults, replay, status):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: chosen)
    monkeypatch.setattr(faults, "running_stack", lambda: SimpleNamespace(cloud=stack.cloud.name))
    monkeypatch.setattr(status, "started", lambda _: [stack.cloud])
    monkeypatch.setenv("COLUMNS", "200")
    yield chosen
    for function in faults.all_faults(chosen):
        faults.mend_function(chosen, function)
    for queue in faults.stopped_deliveries(chosen):
        faults.resume_delivery(chosen, queue)


@pytest.fixture
def owner() -> str:
    return f"breaking-{uuid4().hex[:12]}"


def visibility(target: Target, queue: str) -> str:
    url, name = target.outputs["queue_urls"][queue], "VisibilityTimeout"
    answer = target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return str(answer["Attributes"][name])


def create(api: httpx.Client, owner: str) -> dict[str, Any]:
    return dict(api.post("/tasks", json={"title": "a", "userId": owner}).raise_for_status().json())


@enforced
def test_a_denied_right_makes_dead_letters_until_it_is_mended(
    stack: DeployedStack,
    target: Target,
    api: httpx.Client,
    owner: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ordinary = visibility(target, "created")
    before = dead_letters(stack, "created")
    task_manager("break", "--fn", "on_created", "--action", "dynamodb:*")
    create(api, owner)
    eventually(lambda: dead_letters(stack, "created") == before + 1, "the dead letter")
    task_manager("status")
    shown = capsys.readouterr().out

    task_manager("mend")
    task_manager("mend")

    assert "broken       on_created: denied dynamodb:*: make mend" in shown
    mended = capsys.readouterr().out
    assert "Mended: on_created." in mended
    assert "Nothing was broken." in mended
    assert visibility(target, "created") == ordinary
    create(api, owner)
    eventually(lambda: api.get(f"/users/{owner}/stats").json()["created"] == 1, "the count")
    url = stack.outputs["dead_letter_queue_urls"]["created"]
    target.client("sqs").purge_queue(QueueUrl=url)


def test_a_throttled_function_stops_and_goes_on_when_it_is_mended(
    target: Target, api: httpx.Client, owner: str
) -> None:
    url = target.outputs["queue_urls"]["created"]
    task_manager("break", "--fn", "on_created", "--throttle", "0")
    create(api, owner)
    eventually(lambda: queues.depth(target.client("sqs"), url) == 1, "the message that waits")
    assert faults.all_faults(target) == {"on_created": ["throttled to 0 executions at a time"]}

    task_manager("mend")

    assert faults.all_faults(target) == {}
    eventually(lambda: api.get(f"/users/{owner}/stats").json()["created"] == 1, "the count")


@pytest.mark.requires("functions_as_processes")
def test_a_slow_function_answers_late_until_it_is_mended(
    target: Target, api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    api.get("/tasks").raise_for_status()
    task_manager("break", "--fn", "list_tasks", "--latency", "1500ms")

    slow = api.get("/tasks").raise_for_status().elapsed.total_seconds()

    task_manager("status")
    task_manager("mend")
    assert slow > 1.5
    assert "list_tasks: slower by 1.5 s: make mend" in capsys.readouterr().out
    assert faults.all_faults(target) == {}
    eventually(lambda: api.get("/tasks").raise_for_status().elapsed.total_seconds() < 1.5, "a fast answer")


@pytest.mark.requires("functions_as_processes")
def test_a_function_that_is_slower_than_its_time_out_times_out(target: Target) -> None:
    functions, called = target.client("lambda"), target.outputs["function_names"]["show_console"]
    limit = functions.get_function_configuration(FunctionName=called)["Timeout"]
    task_manager("break", "--fn", "show_console", "--latency", f"{limit}s")

    answer = functions.invoke(FunctionName=called, Qualifier="live")

    assert answer["FunctionError"]
    assert b"timed out" in answer["Payload"].read()


@pytest.mark.requires("disabled_rules")
def test_a_stopped_delivery_is_made_up_for_by_a_replay(
    target: Target, api: httpx.Client, owner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    task_manager("break", "--bus", "created")
    with tap(target) as bus:
        create(api, owner)
        eventually(lambda: bool(bus.receive()), "the event on the bus")
    task_manager("status")
    assert api.get(f"/users/{owner}/stats").json()["created"] == 0
    shown = capsys.readouterr().out
    assert "created: the bus delivers no events to it: make mend" in shown

    task_manager("mend")
    since = shown.partition("FROM=")[2].split()[0]
    task_manager("replay", "--from", since, "--consumer", "created")

    assert "Mended: bus to created." in capsys.readouterr().out
    assert faults.stopped_deliveries(target) == []
    eventually(lambda: api.get(f"/users/{owner}/stats").json()["created"] == 1, "the count")


@enforced
def test_the_demo_breaks_a_reaction_and_loses_nothing(
    stack: DeployedStack, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dead_letters(stack, "completed")

    task_manager("demo", "--chapter", "faults")

    printed = capsys.readouterr().out
    assert printed.count("AccessDenied") == 2
    assert printed.count("✓ archived: s3://") == 2
    assert "Reconciled: 2 tasks created and completed, 2 archived, each counted once." in printed
    assert faults.all_faults(target) == {}
    assert dead_letters(stack, "completed") == before
