"""The commands around the stack, where nothing runs."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.deployments import down, show, up
from scripts.deployments.local import Deployment, describe
from scripts.deployments.target import Target
from scripts.operators import status
from scripts.terraform import Change, Progress, Timing

DEPLOYMENT = Deployment(
    "embedded", "http://127.0.0.1:1", "one", "local", "digest", {"api_url": "http://here"}
)


@pytest.fixture(autouse=True)
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (down, show, status, up):
        monkeypatch.setattr(module, "WORK_FOLDER", tmp_path)
    return tmp_path


def test_a_deployment_is_read_as_it_was_kept(tmp_path: Path) -> None:
    DEPLOYMENT.save(tmp_path)

    assert Deployment.load(tmp_path) == DEPLOYMENT


def test_a_deployment_of_an_older_version_is_none(tmp_path: Path) -> None:
    assert Deployment.load(tmp_path) is None
    (tmp_path / "stack.json").write_text('{"cloud": "embedded"}')
    assert Deployment.load(tmp_path) is None


def test_nothing_is_shown_of_a_cloud_that_has_gone(tmp_path: Path) -> None:
    DEPLOYMENT.save(tmp_path)

    with pytest.raises(Failure, match="nothing is deployed: run `make up`"):
        show.running_deployment()


def test_down_without_a_cloud_is_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DEPLOYMENT.save(tmp_path)

    down.main()

    assert "No local cloud is up." in capsys.readouterr().out
    assert Deployment.load(tmp_path) is None


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
    with pytest.raises(Failure, match="list_tasks was deployed before it knew B: `make up`"):
        target.setting("list_tasks", "B")


def test_status_without_a_cloud_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert status.main([]) == 0
    assert "run `make up`" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["", "http", "80", "70000", "-1", "4566.0"])
def test_odd_ports_are_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["up", f"--port={port}"])

    with pytest.raises(Failure, match="PORT is a number from 1024 to 65535"):
        up.main()


def test_how_far_an_apply_is() -> None:
    progress = Progress(planned=[Change("a", "create"), Change("b", "create")], done=[Timing("a", 1)])

    assert describe(progress) == "1 of 2 resources"
    assert describe(dataclasses.replace(progress, current={"b": 1.0})) == "1 of 2 resources, at b"


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout

    for target in (
        "up",
        "down",
        "status",
        "url",
        "env",
        "outputs",
        "test",
        "lint",
        "package",
        "lock",
        "clean",
    ):
        assert f"make {target} " in listed
