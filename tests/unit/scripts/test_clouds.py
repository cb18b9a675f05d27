"""Choosing a cloud, and running one as a process that outlives its starter."""

import asyncio
import json
import os
import socket
import time
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from scripts.base import docker
from scripts.base.detached import Detached
from scripts.base.failure import Failure
from scripts.base.ports import LOOPBACK, describe_holder, free_port, is_taken
from scripts.clouds import embedded
from scripts.clouds.alarms import complete_describe_alarms, keep_queries, missing_fields
from scripts.clouds.choice import choose, started
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.embedded_launcher import await_dead_letter_queues
from scripts.clouds.localstack import LocalStackCloud


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "process.json").write_text(json.dumps({"pid": os.getpid(), "instance": "old", "port": 1}))
    detached = Detached(tmp_path / "process.json", tmp_path / "log", str(tmp_path / "marker"))

    assert detached.running() is None
    detached.stop(0.1)  # this process goes on


@pytest.mark.parametrize("text", ["", "no JSON", "{}", '{"pid": 1}'])
def test_a_damaged_record_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "process.json").write_text(text)

    assert Detached(tmp_path / "process.json", tmp_path / "log", "marker").record() is None


# --- ports


def test_a_taken_port_is_reported_with_its_process(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        port = holder.getsockname()[1]

        assert is_taken(port)
        assert f"process {os.getpid()} (" in describe_holder(port)
        with pytest.raises(Failure, match=rf"port {port} is taken by process \d+ .*PORT="):
            EmbeddedCloud(port, tmp_path).start()


class Running(EmbeddedCloud):
    """A cloud whose process runs, and which answers from some question on."""

    instance = "one"

    def __init__(self, port: int, folder: Path, *, answers_at: int) -> None:
        super().__init__(port, folder)
        self.asked = 0
        self.stopped = False
        self._answers_at = answers_at

    def healthy(self) -> bool:
        self.asked += 1
        return self.asked >= self._answers_at

    def stop(self) -> None:
        self.stopped = True


def test_a_running_cloud_that_answers_late_is_not_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, hung = (Running(free_port(), tmp_path, answers_at=asked) for asked in (3, 1_000_000))

    late.start()

    monkeypatch.setattr(embedded, "START_SECONDS", 0.05)
    with pytest.raises(Failure, match=r"(?s)runs and did not answer.*`make down` stops it, with all that"):
        hung.start()
    assert (late.asked, late.stopped, hung.stopped) == (3, False, False)


@pytest.mark.parametrize("said", ["is not installed", "Cannot connect to the Docker daemon"])
def test_stopping_localstack_without_dockers_engine_forgets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    (tmp_path / "port").write_text("4566")
    installed = None if said == "is not installed" else "/usr/bin/docker"
    monkeypatch.setattr(docker.shutil, "which", lambda _: installed)
    off = CompletedProcess([], 1, stdout="", stderr=said)
    monkeypatch.setattr(docker.subprocess, "run", lambda *_, **__: off)

    LocalStackCloud(4566, tmp_path).stop()

    assert LocalStackCloud.find(tmp_path) is None


def test_a_docker_that_is_not_to_be_used_keeps_localstack_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "port").write_text("4566")
    refused = CompletedProcess([], 1, stdout="", stderr="permission denied while trying to connect")
    monkeypatch.setattr(docker.shutil, "which", lambda _: "/usr/bin/docker")
    monkeypatch.setattr(docker.subprocess, "run", lambda *_, **__: refused)

    with pytest.raises(Failure, match="permission denied"):
        LocalStackCloud(4566, tmp_path).stop()

    assert LocalStackCloud.find(tmp_path)


def test_a_docker_that_is_missing_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("docker")

    monkeypatch.setattr(docker.subprocess, "run", missing)

    with pytest.raises(Failure, match="Docker is not installed"):
        docker.run("ps")


def test_a_free_port_is_free() -> None:
    assert not is_taken(free_port())


# --- the choice


def test_the_embedded_cloud_is_chosen_by_name(tmp_path: Path) -> None:
    port = free_port()
    cloud = choose("embedded", port, tmp_path)

    assert (cloud.name, cloud.endpoint) == ("embedded", f"http://127.0.0.1:{port}")
    assert cloud.instance is None
    assert not cloud.healthy()


def test_an_unknown_cloud_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no cloud named 'azure': CLOUD is one of embedded, localstack"):
        choose("azure", 4566, tmp_path)


def test_stopping_a_cloud_that_does_not_run_is_no_error(tmp_path: Path) -> None:
    assert started(tmp_path) == []
    choose("embedded", free_port(), tmp_path).stop()


# --- the launcher


ALARM: dict[str, Any] = {
    "AlarmArn": "arn:alarm:one",
    "AlarmDescription": "more than 5 & rising",
    "Period": 60,
    "TreatMissingData": "notBreaching",
    "ExtendedStatistic": None,
    "ActionsEnabled": False,
    "AlarmActions": ["arn:topic"],
    "Dimensions": [{"Name": "FunctionName", "Value": "relay"}],
}


def test_described_alarms_are_completed() -> None:
    member = f"<member><AlarmArn>{ALARM['AlarmArn']}</AlarmArn></member>".encode()
    cloudwatch = SimpleNamespace(
        _alarms={"one": ALARM},
        _describe_alarms=lambda *_: (200, {"Content-Type": "application/xml"}, member),
    )

    complete_describe_alarms(cloudwatch)
    _, _, body = cloudwatch._describe_alarms({}, {}, False)

    alarm = ElementTree.fromstring(body)  # noqa: S314 - our own
    assert alarm.findtext("AlarmDescription") == "more than 5 & rising"
    assert alarm.findtext("Period") == "60"
    assert alarm.findtext("ActionsEnabled") == "false"
    assert alarm.findtext("AlarmActions/member") == "arn:topic"
    assert alarm.findtext("Dimensions/member/Value") == "relay"
    assert alarm.find("ExtendedStatistic") is None


def test_the_embedded_cloud_keeps_the_queries_of_alarms() -> None:
    sent = {
        "AlarmName": ["two"],
        "Metrics.member.1.Id": ["errors"],
        "Metrics.member.1.ReturnData": ["false"],
        "Metrics.member.1.MetricStat.Period": ["60"],
        "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Name": ["Stage"],
        "Metrics.member.2.Id": ["result"],
        "Metrics.member.2.Expression": ["errors < 5"],
    }
    alarms: dict[str, dict[str, object]] = {"two": {"AlarmName": "two", "Statistic": "Average", "Period": 60}}
    cloudwatch = SimpleNamespace(_alarms=alarms, _put_metric_alarm=lambda *_: (200, {}, b""))

    keep_queries(cloudwatch)
    cloudwatch._put_metric_alarm(sent, {}, False)

    alarm = ElementTree.fromstring(f"<alarm>{missing_fields(alarms['two'])}</alarm>")  # noqa: S314 - our own
    first, second = alarm.findall("Metrics/member")
    assert (first.findtext("ReturnData"), first.findtext("MetricStat/Period")) == ("false", "60")
    assert first.findtext("MetricStat/Metric/Dimensions/member/Name") == "Stage"
    assert second.findtext("Expression") == "errors < 5"
    assert alarm.find("Statistic") is None, "what the queries stand for is not told twice"


def test_answers_in_json_are_left_alone() -> None:
    answer = (200, {"Content-Type": "application/x-amz-json-1.0"}, b"arn:alarm:one")
    cloudwatch = SimpleNamespace(_alarms={"one": ALARM}, _describe_alarms=lambda *_: answer)

    complete_describe_alarms(cloudwatch)

    assert cloudwatch._describe_alarms({}, {}, False, True) == answer


DEAD_LETTERS_ARN = "arn:queue:dead-letters"
WITH_DEAD_LETTERS = {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": DEAD_LETTERS_ARN})}}


class Queues:
    """The part of the emulator's queues that the launcher uses."""

    def __init__(self) -> None:
        self._queues: dict[str, Any] = {}
        self._HANDLERS: dict[str, Any] = {"CreateQueue": self._create}

    def add(self, arn: str) -> None:
        self._queues[arn] = {}

    def _queue_by_arn(self, arn: str) -> Any:
        return self._queues.get(arn)

    def _create(self, request: Any, _: str) -> str:
        if request and DEAD_LETTERS_ARN not in self._queues:
            return "refused"
        return "made"


def test_a_queue_waits_for_its_dead_letter_queue() -> None:
    queues = Queues()
    await_dead_letter_queues(queues)

    async def out_of_order() -> tuple[str, bool]:
        queue = asyncio.create_task(queues._HANDLERS["CreateQueue"](WITH_DEAD_LETTERS, ""))
        await asyncio.sleep(0)
        waited = not queue.done()
        queues.add(DEAD_LETTERS_ARN)
        return await queue, waited

    assert asyncio.run(out_of_order()) == ("made", True)


def test_a_queue_without_its_dead_letter_queue_is_refused() -> None:
    queues = Queues()
    await_dead_letter_queues(queues, patience_seconds=0.01)

    assert asyncio.run(queues._HANDLERS["CreateQueue"](WITH_DEAD_LETTERS, "")) == "refused"


@pytest.mark.parametrize("request_", [{}, {"Attributes": {"RedrivePolicy": "no JSON"}}])
def test_a_queue_that_names_no_dead_letter_queue_does_not_wait(request_: dict[str, Any]) -> None:
    queues = Queues()
    await_dead_letter_queues(queues, patience_seconds=60)
    started_at = time.monotonic()

    asyncio.run(queues._HANDLERS["CreateQueue"](request_, ""))

    assert time.monotonic() - started_at < 10
