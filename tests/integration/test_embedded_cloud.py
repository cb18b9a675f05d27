"""However the embedded cloud ends, it leaves no process that it started."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.base.waiting import until
from scripts.clouds.clients import client
from scripts.clouds.embedded import EmbeddedCloud
from tests.harness.processes import processes_in

FUNCTION = "import time\ndef handler(event, context):\n    print('ran')\n    return 'done'\n"


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    return until(condition, seconds=seconds)


def run_a_function(cloud: EmbeddedCloud) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("function.py", FUNCTION)
    role = client("iam", cloud.endpoint).create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]
    functions = client("lambda", cloud.endpoint)
    functions.create_function(
        FunctionName="worker",
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role["Arn"],
        Handler="function.handler",
        Code={"ZipFile": content.getvalue()},
    )
    answer = functions.invoke(FunctionName="worker")
    assert answer["Payload"].read() == b'"done"'


def test_stopping_ends_the_workers_of_functions(cloud_folder: Path) -> None:
    folder = cloud_folder / "stopped"
    cloud = EmbeddedCloud(free_port(), folder)
    cloud.start()
    try:
        run_a_function(cloud)
        assert len(processes_in(folder)) > 1
    finally:
        cloud.stop()

    assert processes_in(folder) == []
    assert not (folder / "tmp").exists()
    assert EmbeddedCloud.find(folder) is None


def test_a_crashed_cloud_is_cleaned_up_by_a_later_command(cloud_folder: Path) -> None:
    folder = cloud_folder / "crashed"
    cloud = EmbeddedCloud(free_port(), folder)
    cloud.start()
    try:
        run_a_function(cloud)
        os.kill(min(processes_in(folder)), signal.SIGKILL)
        assert wait_for(lambda: cloud.instance is None)
    finally:
        found = EmbeddedCloud.find(folder)
        assert found is not None
        found.stop()

    assert processes_in(folder) == []


def test_a_tied_cloud_ends_when_its_session_is_killed(cloud_folder: Path) -> None:
    folder = cloud_folder / "tied"
    session = (
        "import os, pathlib, signal\n"
        "from scripts.clouds.embedded import EmbeddedCloud\n"
        f"EmbeddedCloud({free_port()}, pathlib.Path({str(folder)!r}), tied=True).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", session], cwd=ROOT)

    assert (folder / "process.json").exists()
    assert wait_for(lambda: processes_in(folder) == [])


def test_starting_a_running_cloud_again_changes_nothing(cloud_folder: Path) -> None:
    cloud = EmbeddedCloud(free_port(), cloud_folder / "twice", tied=True)
    try:
        cloud.start()
        instance = cloud.instance

        cloud.start()

        assert cloud.instance == instance
        with pytest.raises(Failure, match=f"already up on port {cloud.port}: run `make down`"):
            EmbeddedCloud(free_port(), cloud_folder / "twice").start()
    finally:
        cloud.stop()
