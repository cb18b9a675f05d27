"""LocalStack behind a Docker with given answers, and one clear line for each reason why it cannot run."""

import json
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from scripts.base import docker
from scripts.base.paths import ROOT
from scripts.base.ports import LOOPBACK, free_port
from scripts.clouds.localstack import (
    LocalStackCloud,
    services_in_compose_file,
)
from tests.programs.conftest import SETTINGS, FakeDocker, trouble_of_starting


def test_missing_docker_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    said = trouble_of_starting(tmp_path)

    assert said.startswith("Docker is not installed: see https://docs.docker.com/get-docker/")
    assert "CLOUD=embedded" in said


@pytest.mark.parametrize(
    ("command", "error", "expected"),
    [
        ("version", "Cannot connect to the Docker daemon at unix:///x", "daemon is not running or cannot be"),
        ("version", "permission denied while trying to connect", "join the group of its socket"),
        ("compose version", "docker: 'compose' is not a docker command", "Docker has no Compose plugin"),
    ],
)
def test_unusable_docker_is_reported(
    tmp_path: Path, fake_docker: FakeDocker, command: str, error: str, expected: str
) -> None:
    fake_docker.answers[command] = (1, "", error + "\n")
    fake_docker.install()

    said = trouble_of_starting(tmp_path)

    assert expected in said
    assert "CLOUD=embedded" in said


def test_a_hanging_engine_times_out(fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    (hanging := fake_docker.folder / "docker").write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(stat.S_IRWXU)
    monkeypatch.setattr(docker, "REMOVE_SECONDS", 0.1)

    with pytest.raises(docker.Hangs, match=r"^`docker rm` did not end within 0 s: restart Docker"):
        docker.remove(["one", "two"])


def test_containers_are_removed_one_after_the_other(fake_docker: FakeDocker) -> None:
    fake_docker.answers["rm --force --volumes gone"] = (1, "", "No such container: gone\n")
    fake_docker.install()

    docker.remove(["gone", "left"])

    assert fake_docker.calls() == ["rm --force --volumes gone", "rm --force --volumes left"]


def test_an_image_that_cannot_be_pulled_is_reported(tmp_path: Path, fake_docker: FakeDocker) -> None:
    fake_docker.answers |= {
        "image inspect": (1, "", "No such image"),
        "pull": (1, "", "Error response from daemon: no route to host\n"),
    }
    fake_docker.install()

    said = trouble_of_starting(tmp_path)

    assert said.startswith("the image localstack/localstack:4.14.0 cannot be pulled: check its name")
    assert "no route to host" in said


def test_a_newer_image_requires_a_token(tmp_path: Path, fake_docker: FakeDocker) -> None:
    newer: dict[str, Any] = {**SETTINGS, "image": "localstack/localstack:2026.3.0"}
    fake_docker.answers["compose --file"] = (0, json.dumps({"services": {"localstack": newer}}), "")
    fake_docker.install()

    said = trouble_of_starting(tmp_path)

    assert "localstack/localstack:2026.3.0 needs an account: set LOCALSTACK_AUTH_TOKEN" in said
    assert not any(call.startswith("pull") for call in fake_docker.calls())


def test_a_taken_port_names_its_process(tmp_path: Path, fake_docker: FakeDocker) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        port = holder.getsockname()[1]
        said = trouble_of_starting(tmp_path, port)
    assert said.startswith(f"port {port} is taken by process ")
    assert said.endswith("choose another with PORT=")


@pytest.mark.parametrize(("token", "api_type"), [("", "rest"), ("ls-token", "http")])
def test_http_apis_require_a_licence(
    tmp_path: Path, fake_docker: FakeDocker, token: str, api_type: str
) -> None:
    settings = {"image": "localstack/localstack:2026.3.0", "environment": {"LOCALSTACK_AUTH_TOKEN": token}}
    fake_docker.answers["compose --file"] = (0, json.dumps({"services": {"localstack": settings}}), "")
    fake_docker.install()

    assert LocalStackCloud(4566, tmp_path).api_type == api_type


def test_functions_are_built_for_the_machine_that_runs_docker(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    fake_docker.answers["version"] = (0, "arm64\n", "")
    fake_docker.install()

    target = LocalStackCloud(4566, tmp_path).platform()

    assert (target.system, target.architecture) == ("linux", "arm64")


def runs_localstack(fake_docker: FakeDocker, checkout: Path, port: int) -> None:
    """Have LocalStack run, started in a checkout."""
    labels = {
        "com.docker.compose.service": "localstack",
        "com.docker.compose.project.working_dir": str(checkout),
    }
    container: dict[str, Any] = {
        "Id": "4f1de0a7c0de00",
        "State": {"Running": True, "StartedAt": "2026-01-01T00:00:00Z"},
        "Config": {"Labels": labels, "Env": []},
        "HostConfig": {"PortBindings": {"4566/tcp": [{"HostPort": str(port)}]}},
    }
    fake_docker.answers |= {"ps -aq": (0, container["Id"], ""), "inspect": (0, json.dumps([container]), "")}
    fake_docker.install()


def test_localstack_of_this_checkout_is_found_and_removed(tmp_path: Path, fake_docker: FakeDocker) -> None:
    port = free_port()
    (tmp_path / "link").symlink_to(ROOT)
    runs_localstack(fake_docker, tmp_path / "link", port)
    cloud = LocalStackCloud(port, tmp_path)

    assert cloud.instance == "4f1de0a7c0de 2026-01-01T00:00:00Z"
    cloud.stop()

    assert "rm --force --volumes 4f1de0a7c0de00" in fake_docker.calls()


def test_localstack_of_another_checkout_is_neither_used_nor_removed(
    tmp_path: Path, fake_docker: FakeDocker
) -> None:
    port = free_port()
    runs_localstack(fake_docker, tmp_path / "other", port)
    (tmp_path / "port").write_text(str(port))
    cloud = LocalStackCloud(port, tmp_path)

    assert cloud.instance is None
    said = trouble_of_starting(tmp_path, port)
    cloud.stop()

    assert said == f"LocalStack was started in {tmp_path / 'other'}: run `make down` there first"
    assert not [call for call in fake_docker.calls() if call.startswith("rm") or " down " in call]
    assert LocalStackCloud.find(tmp_path) is None


@pytest.mark.skipif(docker.trouble() is not None, reason="Docker does not answer")
def test_the_compose_file_is_safe_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOCALSTACK_IMAGE", "LOCALSTACK_AUTH_TOKEN", "LOCALSTACK_PERSISTENCE", "LOCALSTACK_VOLUME"):
        monkeypatch.delenv(name, raising=False)

    localstack = services_in_compose_file()["localstack"]

    assert localstack["image"] == "localstack/localstack:4.14.0"
    assert [port["host_ip"] for port in localstack["ports"]] == [LOOPBACK]
    assert localstack["environment"]["PERSISTENCE"] == "0"
