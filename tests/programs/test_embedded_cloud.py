"""However the embedded cloud ends, it leaves no process that it started."""

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.clouds.clients import client
from scripts.clouds.embedded import EmbeddedCloud
from tests.harness.processes import processes_in
from tests.harness.waiting import eventually

FUNCTION = "import time\ndef handler(event, context):\n    print('ran')\n    return 'done'\n"

WAITS_WITH_ITS_BODY = (
    b"POST / HTTP/1.1\r\nhost: sts.us-east-1.amazonaws.com\r\nexpect: 100-continue\r\ncontent-length: 43\r\n"
    b"content-type: application/x-www-form-urlencoded\r\nauthorization: AWS4-HMAC-SHA256 "
    b"Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"
)


def package(code: str = FUNCTION) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("function.py"), code)  # of no date: equal code, equal packages
    return content.getvalue()


def create_a_function(cloud: EmbeddedCloud, name: str = "worker") -> Any:
    """A function with a published version, and a client to call it."""
    iam = client("iam", cloud.endpoint)
    role = iam.create_role(RoleName=f"of-{name}", AssumeRolePolicyDocument="{}")["Role"]
    functions = client("lambda", cloud.endpoint)
    functions.create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role["Arn"],
        Handler="function.handler",
        Code={"ZipFile": package()},
        Publish=True,
    )
    return functions


@contextlib.contextmanager
def running(folder: Path) -> Iterator[EmbeddedCloud]:
    """An embedded cloud that keeps its files in this folder."""
    cloud = EmbeddedCloud(free_port(), folder, tied=True)
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()


def pid_of(folder: Path) -> int:
    """The process of the embedded cloud that keeps its files in this folder."""
    return int(json.loads((folder / "process.json").read_text())["pid"])


def run_a_function(cloud: EmbeddedCloud) -> None:
    answer = create_a_function(cloud).invoke(FunctionName="worker")
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
        os.kill(pid_of(folder), signal.SIGKILL)
        eventually(lambda: cloud.instance is None, "the end of the cloud")
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
    eventually(lambda: processes_in(folder) == [], "the end of all processes")


def test_starting_a_running_cloud_again_changes_nothing(cloud_folder: Path) -> None:
    with running(cloud_folder / "twice") as cloud:
        instance = cloud.instance

        cloud.start()

        assert cloud.instance == instance
        with pytest.raises(Failure, match=f"already up on port {cloud.port}: run `make down`"):
            EmbeddedCloud(free_port(), cloud_folder / "twice").start()


def test_connections_are_those_of_an_aws_endpoint(cloud_folder: Path) -> None:
    folder = cloud_folder / "connections"
    with running(folder) as cloud:
        process = psutil.Process(pid_of(folder))

        def connections() -> int:
            """How many it holds open; a client that has closed its end leaves none half-closed."""
            return sum(one.laddr.port == cloud.port and bool(one.raddr) for one in process.net_connections())

        with contextlib.ExitStack() as opened:
            burst = [
                opened.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", cloud.port))))
                for _ in range(300)
            ]
            burst[0].sendall(WAITS_WITH_ITS_BODY)
            asked = burst[0].recv(1000)
            burst[0].sendall(b"Action=GetCallerIdentity&Version=2011-06-15")
            answer = http.client.HTTPResponse(burst[0])
            answer.begin()
            eventually(lambda: connections() >= 300, "all connections")

        # urllib3 of older SDKs refuses a status without its phrase.
        assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (answer.status, answer.reason) == (200, "OK")
        assert len(answer.headers.get_all("date", [])) == 1
        assert "server" not in answer.headers
        # Clients of this process may keep one.
        eventually(lambda: connections() < 10, "an end of the connections")


def test_functions_share_one_copy_of_their_package(cloud_folder: Path) -> None:
    with running(cloud_folder / "shared") as cloud:
        for name in ("one", "other"):
            create_a_function(cloud, name).invoke(FunctionName=name)

        copies = {code.resolve() for code in (cloud_folder / "shared/tmp").glob("ministack-lambda-*/code")}

        assert len(copies) == 1
        assert [file.name for file in copies.pop().iterdir() if file.suffix == ".py"] == ["function.py"]


def test_a_version_that_no_alias_names_any_more_keeps_no_worker(cloud_folder: Path) -> None:
    folder = cloud_folder / "retired"
    with running(folder) as cloud:
        functions = create_a_function(cloud)
        functions.create_alias(FunctionName="worker", Name="live", FunctionVersion="1")
        functions.invoke(FunctionName="worker", Qualifier="live")
        (old,) = (folder / "tmp").glob("ministack-lambda-*")
        code = package(FUNCTION.replace("'done'", "'done anew'"))
        version = functions.update_function_code(FunctionName="worker", ZipFile=code, Publish=True)["Version"]

        functions.update_alias(FunctionName="worker", Name="live", FunctionVersion=version)

        answer = functions.invoke(FunctionName="worker", Qualifier="live")
        assert answer["Payload"].read() == b'"done anew"'
        eventually(lambda: not old.exists(), "the removal of the old worker's folder")
        eventually(lambda: len(list((folder / "tmp").glob("ministack-lambda-*"))) == 1, "one worker's folder")
