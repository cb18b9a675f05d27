"""`make invoke` calls every deployed function as its trigger would, and shows what came of it."""

import json
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from scripts.base.functions import function_map
from scripts.deployments.target import Target
from scripts.operators import invoke
from tests.harness.command_line import task_manager
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually


@pytest.fixture(autouse=True)
def target(stack: DeployedStack, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The deployed stack, which the command is made to choose."""
    chosen = Target(stack.outputs, stack.client)
    monkeypatch.setattr(invoke, "chosen_target", lambda *_, **__: chosen)
    monkeypatch.setenv("COLUMNS", "200")
    return chosen


@pytest.fixture
def owner() -> str:
    return f"invoke-{uuid4().hex[:12]}"


@pytest.mark.parametrize("function", function_map())
def test_each_function_takes_a_sample(function: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = task_manager("invoke", "--fn", function)

    printed = capsys.readouterr().out
    assert (code, f"{function} succeeded in" in printed) == (0, True), printed
    assert "id=invoke-" in printed


def test_the_event_of_a_real_task_is_counted_once(
    api: httpx.Client, owner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": owner}).json()
    stats = f"/users/{owner}/stats"
    eventually(lambda: api.get(stats).json()["created"] == 1, "the count")

    assert task_manager("invoke", "--fn", "on_created", "--task", task["taskId"]) == 0

    assert f"task_id={task['taskId']}" in capsys.readouterr().out
    assert api.get(stats).json()["created"] == 1


def test_a_request_about_a_real_task_changes_it(api: httpx.Client, owner: str, tmp_path: Path) -> None:
    path = f"/tasks/{api.post('/tasks', json={'title': 'a', 'userId': owner}).json()['taskId']}"
    (tmp_path / "body.json").write_text(json.dumps({"title": "From a file"}))

    words = ["--event", str(tmp_path / "body.json"), "--task", path.rpartition("/")[2]]
    assert task_manager("invoke", "--fn", "update_task", *words) == 0

    assert api.get(path).json()["title"] == "From a file"


def test_a_failure_is_told_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "poison.json").write_text(json.dumps({"detail-type": "TaskMoved", "detail": {}}))

    code = task_manager("invoke", "--fn", "on_updated", "--event", str(tmp_path / "poison.json"))

    printed = capsys.readouterr().out
    assert code == 1
    assert "on_updated failed in" in printed
    assert "UnreadableEvent: not an event of TaskUpdated" in printed
