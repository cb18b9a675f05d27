"""After a killed apply the next `make up` succeeds, and never discards tasks without consent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.clouds.clients import client
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.record import StackRecord
from scripts.deployments.stack import Stack
from scripts.terraform import STATE_KEY

# As `make up` deploys, in a process that can be killed; prints how many resources are done.
DEPLOYING = """
import sys
from pathlib import Path
from scripts.deployments.stack import Stack
from scripts.terraform import Progress
from scripts.clouds.embedded import EmbeddedCloud
from scripts.base.progress import Steps

Progress.summary = property(lambda progress: print(len(progress.done), flush=True) or "")
folder = Path(sys.argv[2])
Stack(EmbeddedCloud(int(sys.argv[1]), folder / "embedded-cloud"), folder).deploy(Steps(quiet=True))
"""
MOMENTS = range(5, 285, 14)  # resources done, of some 300


class Application:
    """The application on a cloud of this module's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.cloud = EmbeddedCloud(free_port(), folder / "embedded-cloud", tied=True)
        self.cloud.start()
        self.stack = Stack(self.cloud, folder)

    def deploy(self, *, may_discard: bool = False) -> StackRecord:
        return self.stack.deploy(Steps(quiet=True), lambda: may_discard)

    def kill_deployment(self, resources: int) -> None:
        """Deploy, and kill command and Terraform once this many resources are done."""
        command = [sys.executable, "-c", DEPLOYING, str(self.cloud.port), str(self.folder)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= resources:
                process.kill()
                os.kill(int((self.folder / "stack/terraform.pid").read_text()), signal.SIGKILL)
                break
        assert process.wait() in (0, -signal.SIGKILL)

    def halve_state(self) -> None:
        """Leave half of Terraform's state, and make the next deployment read it."""
        s3 = client("s3", self.cloud.endpoint)
        (bucket,) = (
            found["Name"] for found in s3.list_buckets()["Buckets"] if "terraform-state" in found["Name"]
        )
        state = s3.get_object(Bucket=bucket, Key=STATE_KEY)["Body"].read()
        s3.put_object(Bucket=bucket, Key=STATE_KEY, Body=state[: len(state) // 2])
        last = StackRecord.load(self.folder)
        assert last is not None
        replace(last, digest="").save(self.folder)


@pytest.fixture(scope="module")
def application(cloud_folder: Path) -> Iterator[Application]:
    application = Application(cloud_folder / "interrupted")
    try:
        yield application
    finally:
        application.cloud.stop()


def test_the_next_apply_completes_a_killed_one(application: Application) -> None:
    application.kill_deployment(100)

    api_url = application.deploy().outputs["api_url"]

    assert http_client(api_url).get("/tasks").json()["tasks"] == []
    assert application.stack.plan() == []


def test_tasks_are_kept_where_the_cloud_cannot_be_repaired(application: Application) -> None:
    api = http_client(application.deploy().outputs["api_url"])
    task = api.post("/tasks", json={"title": "Water the plants", "userId": "ada"}).json()
    application.halve_state()

    with pytest.raises(Failure, match=r"(?s)tasks in this cloud were kept\..*make export.*make down"):
        application.deploy()

    assert api.get(f"/tasks/{task['taskId']}").json() == task


@pytest.mark.thorough
def test_a_cloud_that_cannot_be_repaired_is_reset_with_consent(application: Application) -> None:
    api = http_client(application.deploy(may_discard=True).outputs["api_url"])
    api.post("/tasks", json={"title": "Water the plants", "userId": "ada"}).raise_for_status()
    application.halve_state()

    api_url = application.deploy(may_discard=True).outputs["api_url"]

    assert http_client(api_url).get("/tasks").json()["tasks"] == []
    assert application.stack.plan() == []


@pytest.mark.thorough
def test_an_apply_killed_at_twenty_moments_is_completed(cloud_folder: Path) -> None:
    application = Application(cloud_folder / "often-interrupted")
    try:
        for moment in MOMENTS:
            application.kill_deployment(moment)

        api_url = application.deploy().outputs["api_url"]

        assert http_client(api_url).get("/tasks").json()["tasks"] == []
        assert application.stack.plan() == []
    finally:
        application.cloud.stop()
