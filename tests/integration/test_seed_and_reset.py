"""`make seed` fills a deployment through its API, and `make reset` empties it without a deployment."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators import reset, seed
from scripts.operators.queues import depth
from services.core.status import Status
from tests.harness.command_line import task_manager
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually


@pytest.fixture(autouse=True)
def target(stack: DeployedStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Target:
    """The deployed stack, which the commands are made to choose."""
    chosen = Target(stack.outputs, stack.client)
    for command in (reset, seed):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: chosen)
    # Another one is the developer's own, or what the whole suite used.
    monkeypatch.setattr(reset, "RECORD", tmp_path / "decisions.jsonl")
    monkeypatch.setenv("AUTO_APPROVE", "1")
    return chosen


def statuses(api: httpx.Client) -> Counter[str]:
    tasks = [
        task
        for status in Status
        for task in api.get("/tasks", params={"status": status, "limit": "100"}).json()["tasks"]
    ]
    return Counter(task["status"] for task in tasks)


def items(target: Target) -> dict[str, int]:
    """Table → its items."""
    scan = target.client("dynamodb").scan
    names = target.outputs["table_names"]
    return {name: scan(TableName=table, Select="COUNT")["Count"] for name, table in names.items()}


def running(target: Target) -> list[Any]:
    machine = target.outputs["approval_state_machine_arn"]
    states = target.client("stepfunctions")
    return list(states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])


def test_a_second_seed_adds_only_what_is_missing(
    api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    task_manager("reset")
    capsys.readouterr()

    task_manager("seed", "--n", "8", "--users", "2")
    task_manager("seed", "--n", "10", "--users", "2")

    printed = capsys.readouterr().out
    assert "8 tasks of 2 users: 8 new, 0 were there already." in printed
    assert "10 tasks of 2 users: 2 new, 8 were there already." in printed
    found = statuses(api)
    assert set(found) == set(Status)
    assert found.total() == 10


@pytest.mark.requires("stopping_what_waits")
def test_reset_leaves_nothing_and_the_api_works_at_once(
    target: Target, api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    task_manager("seed", "--n", "8", "--users", "1")
    owner = seed.wanted(1, 1)[0].body["userId"]
    eventually(lambda: running(target), "an approval that waits")
    letters = target.outputs["dead_letter_queue_urls"]["created"]
    target.client("sqs").send_message(QueueUrl=letters, MessageBody="a dead letter")

    task_manager("reset")

    assert "✓ Emptied: " in capsys.readouterr().out
    assert set(items(target).values()) == {0}
    assert running(target) == []
    assert depth(target.client("sqs"), letters) == 0
    assert "Contents" not in target.client("s3").list_objects_v2(Bucket=target.outputs["archive_bucket"])
    assert api.get("/events").json()["events"] == []
    stats = f"/users/{owner}/stats"
    assert api.get(stats).json()["created"] == 0

    task = api.post("/tasks", json={"title": "a", "userId": owner, "priority": "high"}).json()
    eventually(lambda: api.get(stats).json()["created"] == 1, "the count")
    eventually(lambda: running(target), "its approval")
    assert [one["taskId"] for one in api.get("/tasks").json()["tasks"]] == [task["taskId"]]
    events = eventually(lambda: api.get("/events").json()["events"], "its event")
    assert [(one["detailType"], one["taskId"]) for one in events] == [("TaskCreated", task["taskId"])]
