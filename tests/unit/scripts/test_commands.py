"""Commands on the local stack while nothing runs."""

import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.deployments import down, record, rollback, up
from scripts.deployments.record import StackRecord
from scripts.deployments.target import Target
from scripts.operators import status
from scripts.terraform import Change, Progress, Timing
from tests.harness.command_line import command_names, task_manager

DEPLOYMENT = StackRecord(
    "embedded", "http://127.0.0.1:1", "one", "local", "digest", {"api_url": "http://here"}
)


@pytest.fixture(autouse=True)
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (down, record, rollback, status, up):
        monkeypatch.setattr(module, "WORK_FOLDER", tmp_path)
    return tmp_path


def test_a_saved_deployment_is_read_back(tmp_path: Path) -> None:
    DEPLOYMENT.save(tmp_path)

    assert StackRecord.load(tmp_path) == DEPLOYMENT


def test_a_record_of_an_older_version_is_ignored(tmp_path: Path) -> None:
    assert StackRecord.load(tmp_path) is None
    (tmp_path / "stack.json").write_text('{"cloud": "embedded"}')
    assert StackRecord.load(tmp_path) is None


def test_a_record_of_a_stopped_cloud_is_no_running_stack(tmp_path: Path) -> None:
    DEPLOYMENT.save(tmp_path)

    with pytest.raises(Failure, match="nothing is deployed: run `make up`"):
        record.running_stack()


def test_after_a_rollback_the_next_deployment_puts_its_code_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = dataclasses.replace(DEPLOYMENT, package="new")
    for environment, left in (("dev", "new"), ("", "")):
        deployed.save(tmp_path)
        monkeypatch.setattr(rollback, "chosen_target", lambda *_, **__: None)
        monkeypatch.setattr(rollback, "rollback", lambda _: {"get_task": "1"})

        rollback.rollback_deployment(environment)

        assert StackRecord.load(tmp_path) == dataclasses.replace(deployed, package=left)


def test_url_and_outputs_of_an_environment_are_those_in_its_state(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def chosen(environment: str) -> Target:
        return Target({"api_url": f"https://{environment}.example"}, lambda _: None)

    monkeypatch.setattr("scripts.deployments.target.chosen_target", chosen)

    task_manager("url", "--env=prod")
    task_manager("outputs", "--env=dev")

    url, *outputs = capsys.readouterr().out.splitlines()
    assert url == "https://prod.example"
    assert json.loads("".join(outputs)) == {"api_url": "https://dev.example"}


@pytest.mark.parametrize("command", ["url", "outputs"])
def test_url_and_outputs_are_the_local_clouds_by_default(command: str) -> None:
    with pytest.raises(Failure, match="nothing is deployed: run `make up`"):
        task_manager(command)


def test_down_without_a_cloud_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DEPLOYMENT.save(tmp_path)

    task_manager("down")

    assert "No local cloud is up." in capsys.readouterr().out
    assert StackRecord.load(tmp_path) is None


def test_a_setting_that_the_deployed_functions_do_not_have_yet_is_named() -> None:
    settings = {"7": {"A": "1"}, "$LATEST": {"A": "2", "B": "2"}}
    older = SimpleNamespace(
        get_alias=lambda **_: {"FunctionVersion": "7"},
        get_function_configuration=lambda FunctionName, Qualifier="$LATEST": {  # noqa: N803 - AWS's names
            "Environment": {"Variables": settings[Qualifier]}
        },
    )
    target = Target({"function_names": {"list_tasks": "x"}}, lambda _: older)

    assert target.setting("list_tasks", "A") == "1"
    with pytest.raises(Failure, match="the deployed list_tasks has no B yet: run `make up`"):
        target.setting("list_tasks", "B")


def test_status_without_a_cloud_names_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert task_manager("status") == 0
    assert "run `make up`" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["", "http", "80", "70000", "-1", "4566.5"])
def test_invalid_ports_are_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert task_manager("up", f"--port={port}") == 2

    assert "'--port'" in capsys.readouterr().err


def test_the_progress_of_an_apply_is_summarised() -> None:
    progress = Progress(planned=[Change("a", "create"), Change("b", "create")], done=[Timing("a", 1)])

    assert progress.summary == "1 of 2 resources"
    assert dataclasses.replace(progress, current={"b": 1.0}).summary == "1 of 2 resources, at b"


def test_every_target_that_runs_a_command_names_one_that_exists() -> None:
    listing = command_names()

    named = set(re.findall(r"\$\(COMMAND\) ([a-z-]+)", (ROOT / "Makefile").read_text()))

    assert len(named) > 25
    assert named - listing == set()
