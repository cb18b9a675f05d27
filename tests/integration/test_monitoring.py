"""Monitoring of the running stack: alarms notify subscribers, and the commands show what happened."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators import logs, status, trace
from scripts.operators.approvals import deadline_of
from scripts.operators.log_lines import LogReader, about, ago
from tests.harness.command_line import task_manager
from tests.harness.inbox import Inbox, subscribed
from tests.harness.monitoring import exists, of_dashboard
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually, until


@pytest.fixture
def target(stack: DeployedStack, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The deployed stack, which every command is made to choose."""
    found = Target(stack.outputs, stack.client)
    for command in (logs, status, trace):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: found)
    return found


@pytest.fixture
def inbox(stack: DeployedStack) -> Iterator[Inbox]:
    with subscribed(stack, stack.outputs["alarms_topic_arn"]) as inbox:
        yield inbox


def test_an_alarm_notifies_subscribers(stack: DeployedStack, inbox: Inbox) -> None:
    cloudwatch = stack.client("cloudwatch")
    prefix = stack.outputs["table_names"]["tasks"].removesuffix("-tasks")
    name = f"{prefix}-relay-dead-letters"
    told: list[dict[str, Any]] = []

    def states() -> set[str]:
        told.extend(inbox.read())
        return {alarm["NewStateValue"] for alarm in told if alarm["AlarmName"] == name}

    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="to see who hears of it")
        eventually(lambda state=state: state in states(), f"word of {state}")

    (alarm,) = [alarm for alarm in told if alarm["NewStateValue"] == "ALARM" and alarm["AlarmName"] == name]
    assert "make dead-letters" in alarm["AlarmDescription"]
    assert "docs/operations.md#dead-letters" in alarm["AlarmDescription"]


def test_the_dashboard_shows_the_deployed_resources(stack: DeployedStack) -> None:
    """With an HTTP API, whose id is known only after the apply."""
    found = stack.client("cloudwatch").get_dashboard(DashboardName=stack.outputs["dashboard_name"])
    asked = list(of_dashboard(json.loads(found["DashboardBody"])))
    apis = {str(one.dimensions) for one in asked if one.namespace == "AWS/ApiGateway" and one.dimensions}
    (api,) = apis
    shown = {one.dimensions["FunctionName"] for one in asked if "FunctionName" in (one.dimensions or {})}

    assert [one for one in asked if not exists(one)] == []
    if stack.cloud.api_type == "http":
        assert stack.outputs["api_id"] in api
    assert shown == set(stack.outputs["function_names"].values())


def test_a_trace_shows_a_task_from_its_creation_to_the_archive(
    target: Target, api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    correlation_id = f"trace-{uuid4().hex[:12]}"
    headers = {"X-Correlation-Id": correlation_id}
    new = {"title": "a", "userId": f"tracer-{uuid4().hex[:12]}", "priority": "high"}
    task = api.post("/tasks", json=new, headers=headers).json()
    path = f"/tasks/{task['taskId']}"
    decision = {"decision": "approve"}
    # Somebody else decides, under an id of their own.
    eventually(lambda: deadline_of(target, task["taskId"]), "the wait for a decision")
    api.post(f"{path}/approval", json=decision, headers={"X-Correlation-Id": f"{correlation_id}-decision"})
    # Its event has arrived: else the next request may come before it in the trace.
    feed = {"userId": new["userId"]}
    eventually(lambda: "TaskApproved" in api.get("/events", params=feed).text, "the approval")
    api.put(path, json={"status": "completed"}, headers=headers).raise_for_status()

    hops = (
        "create-task  POST /tasks  201",
        f"write  task {task['taskId']} version 1",
        "relay  TaskCreated → bus",
        "queue created",
        "on-created  reacted",
        f"workflow {task['taskId']}-1  SUCCEEDED",
        "ValidateTask",
        "WaitForApproval",
        "decide-approval  POST /tasks/{taskId}/approval  202",
        "deliver-decision  delivered",
        "ApplyDecision",
        f"write  task {task['taskId']} version 2",
        "relay  TaskApproved → bus",
        "update-task  PUT /tasks/{taskId}  200",
        f"write  task {task['taskId']} version 3",
        "relay  TaskCompleted → bus",
        "queue completed",
        "on-completed  reacted",
        "archive  s3://",
    )

    shown: list[str] = []

    def missing() -> list[str]:
        task_manager("trace", "--id", correlation_id)
        shown.append(capsys.readouterr().out)
        return [hop for hop in hops if hop not in shown[-1]]

    until(missing, lambda hops: not hops, "the whole story")
    text = shown[-1]
    places = [text.index(hop) for hop in hops]
    assert places == sorted(places)
    # An effect stands below its cause, further to the right.
    depth = {hop: text[text.rindex("\n", 0, text.index(hop)) :].index(hop) for hop in hops}
    deeper = [
        depth[hop] for hop in (hops[0], "queue created", "WaitForApproval", "deliver-decision  delivered")
    ]
    assert deeper == sorted(set(deeper))

    task_manager("trace", "--task", task["taskId"])
    assert "on-completed  reacted" in capsys.readouterr().out


def test_logs_of_a_task_are_in_order_of_time(
    target: Target, api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": f"logs-{uuid4().hex[:12]}"}).json()
    asked = ["--task", task["taskId"], "--no-follow"]
    functions = ("create-task", "relay", "on-created")

    def lines() -> list[str]:
        task_manager("logs", *asked)
        found = [line for line in capsys.readouterr().out.splitlines() if task["taskId"] in line]
        return found if all(any(name in line for line in found) for name in functions) else []

    found = eventually(lines, "a line of each function")
    assert [line.split()[0] for line in found] == sorted(line.split()[0] for line in found)

    task_manager("logs", *asked, "--fn", "relay")
    assert {line.split()[1] for line in capsys.readouterr().out.splitlines()} == {"relay"}


def test_each_log_line_is_read_once(target: Target, api: httpx.Client) -> None:
    wanted = f"once-{uuid4().hex}"
    assert api.get("/tasks/none", headers={"X-Correlation-Id": wanted}).status_code == 404
    reader = LogReader(target, ["get_task"])

    def found() -> list[str]:
        return [line.message for line in about(reader.read(ago("5m"), wanted), correlation_id=wanted)]

    assert eventually(found, "the line") == ["GET /tasks/{taskId}"]
    assert found() == []


def test_status_covers_functions_queues_and_approvals(target: Target, api: httpx.Client) -> None:
    new = {"title": "a", "userId": f"status-{uuid4().hex[:12]}", "priority": "high"}
    task = api.post("/tasks", json=new).json()

    versions = status.function_versions(target)
    depths = status.queue_depths(target, target.outputs["dead_letter_queue_urls"])

    assert set(versions) == set(target.outputs["function_names"])
    assert all(version.isdigit() for version in versions.values())
    assert set(depths) == set(target.outputs["dead_letter_queue_urls"])
    eventually(lambda: status.pending_approvals(target) >= 1, "the task among those that wait")
    api.delete(f"/tasks/{task['taskId']}").raise_for_status()
