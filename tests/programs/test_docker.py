"""Which Docker engine is used, what is mounted from it, and when Docker is not used at all."""

from pathlib import Path

import pytest

from scripts.base import docker
from scripts.base.failure import Failure
from scripts.clouds.localstack import compose_surroundings
from scripts.deployments import down, up
from scripts.deployments.record import StackRecord
from scripts.deployments.stack import Stack
from scripts.operators import status
from scripts.quality import clean
from tests.harness.command_line import task_manager
from tests.programs.conftest import FakeDocker, trouble_of_starting


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("--version", "podman version 4.9.3\n"),
        ("version --format {{range", "Podman Engine Conmon OCI Runtime (crun)\n"),
    ],
)
def test_podman_is_recognised_and_refused(
    tmp_path: Path, fake_docker: FakeDocker, command: str, said: str
) -> None:
    # The first matching answer counts.
    fake_docker.answers = {command: (0, said, ""), **fake_docker.answers}
    fake_docker.install()

    told = trouble_of_starting(tmp_path)

    assert told.startswith("`docker` is Podman here")
    assert "CLOUD=embedded" in told


CONTEXT = "context inspect --format {{.Endpoints.docker.Host}}"


@pytest.mark.parametrize("url", ["ssh://me@build", "tcp://10.0.0.7:2376"])
@pytest.mark.parametrize("by", ["DOCKER_HOST", "context"])
def test_an_engine_on_another_machine_is_refused(
    tmp_path: Path, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch, url: str, by: str
) -> None:
    if by == "context":
        fake_docker.answers[CONTEXT] = (0, url + "\n", "")
        fake_docker.install()
    else:
        monkeypatch.setenv("DOCKER_HOST", url)
    assert trouble_of_starting(tmp_path).startswith(f"Docker's engine is on another machine ({url})")


@pytest.mark.parametrize(
    ("host", "context", "system", "platform", "mounted"),
    [
        ("", "", "Debian GNU/Linux 12", "linux", "/var/run/docker.sock"),
        ("", "unix:///var/run/docker.sock", "Debian GNU/Linux 12", "linux", "/var/run/docker.sock"),
        (
            "",
            "unix:///run/user/7/docker.sock",
            "Ubuntu 24.04",
            "linux",
            "/run/user/7/docker.sock",
        ),  # rootless
        ("unix:///run/user/7/docker.sock", "unix:///x", "Ubuntu 24.04", "linux", "/run/user/7/docker.sock"),
        (
            "",
            "unix:///home/me/.docker/desktop/docker.sock",
            "Docker Desktop",
            "linux",
            "/var/run/docker.sock",
        ),
        (
            "",
            "unix:///Users/me/.colima/default/docker.sock",
            "Ubuntu 24.04",
            "darwin",
            "/var/run/docker.sock",
        ),
        ("tcp://127.0.0.1:2375", "", "Ubuntu 24.04", "linux", "/var/run/docker.sock"),
    ],
)
def test_functions_are_started_by_the_engine_that_is_in_use(
    fake_docker: FakeDocker,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    context: str,
    system: str,
    platform: str,
    mounted: str,
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.delenv("DOCKER_SOCKET", raising=False)
    if host:
        monkeypatch.setenv("DOCKER_HOST", host)
    else:
        monkeypatch.delenv("DOCKER_HOST", raising=False)
    fake_docker.answers |= {CONTEXT: (0, context + "\n", ""), "info": (0, system + "\n", "")}
    fake_docker.install()

    assert docker.trouble() is None
    assert compose_surroundings()["DOCKER_SOCKET"] == mounted
    assert compose_surroundings().get("DOCKER_HOST", "") == host


def test_a_named_socket_is_mounted(monkeypatch: pytest.MonkeyPatch, fake_docker: FakeDocker) -> None:
    monkeypatch.setenv("DOCKER_SOCKET", "/elsewhere.sock")
    assert compose_surroundings()["DOCKER_SOCKET"] == "/elsewhere.sock"


def test_docker_is_used_only_for_localstack(
    tmp_path: Path, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (clean, down, status, up):
        monkeypatch.setattr(module, "WORK_FOLDER", tmp_path / "work")
    monkeypatch.setattr(clean, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(clean, "PROJECT_ENVIRONMENT", tmp_path / "checkout/.venv")
    deployed: list[str] = []

    def deploy(stack: Stack, *_: object) -> StackRecord:
        deployed.append(stack.cloud.name)
        raise Failure("as far as this goes")

    monkeypatch.setattr(Stack, "deploy", deploy)

    with pytest.raises(Failure, match="as far as this goes"):
        task_manager("up")
    for command in ("status", "down", "clean"):
        task_manager(command)

    assert deployed == ["embedded"]
    assert not (fake_docker.folder / "calls").exists()
