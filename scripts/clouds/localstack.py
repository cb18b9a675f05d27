"""LocalStack in Docker, as docker-compose.yml describes it. Nothing it holds survives a stop."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.base import docker
from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.loopback import answers, without_proxy
from scripts.base.paths import REQUIREMENTS, ROOT
from scripts.base.ports import LOOPBACK, describe_holder, is_taken
from scripts.base.waiting import until
from scripts.build.platforms import Platform

COMPOSE_FILE = ROOT / "docker-compose.yml"
TOOLS = ROOT / ".local/localstack/environment"  # the commands `localstack` and `tflocal`
SERVICE = "localstack"
# Label of LocalStack's own container and, by LAMBDA_DOCKER_FLAGS, of its functions' containers.
LABEL = "task-manager.cloud=localstack"
SERVICE_LABEL = "com.docker.compose.service"
FOLDER_LABEL = "com.docker.compose.project.working_dir"
RUNTIME_IMAGE = "public.ecr.aws/lambda/python:{version}"
LAST_FREE = (4, 14)
NO_STATES = "LocalStack keeps no states without a licence: they need CLOUD=embedded"
START_SECONDS = 90
SAVE_SECONDS = 30
NO_LICENSE = 55  # what LocalStack exits with when it finds no licence, or one that is not valid


class LocalStackCloud:
    """LocalStack on one port; one at a time per machine, since its container has a fixed name."""

    name = "localstack"
    keeps_states = False
    is_ours = True

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self._folder = folder

    @classmethod
    def find(cls, folder: Path) -> "LocalStackCloud | None":
        """The LocalStack that was started with this folder and has not been stopped, if any."""
        try:
            return cls(int((folder / "port").read_text()), folder)
        except (OSError, ValueError):
            return None

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients are pointed at."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def instance(self) -> str | None:
        """Identifies this run: a container that was restarted has lost its resources.

        None as well while the container is that of another checkout, with what that one deployed.
        """
        container = _container()
        if container is None or not _is_of_this_checkout(container):
            return None
        if not container["State"]["Running"] or _port(container) != self.port:
            return None
        return f"{container['Id'][:12]} {container['State']['StartedAt']}"

    @property
    def api_type(self) -> str:
        """HTTP APIs come with a licence."""
        return "http" if licensed(self._settings()) else "rest"

    def platform(self) -> Platform:
        """What its functions' containers run on."""
        return container_platform()

    def prepare(self) -> None:
        """Make sure of Docker, the licence, the container's name and port, and the images."""
        docker.require()
        settings = self._settings()
        require_licence_if_needed(settings)
        self._require_place()
        for image in images(settings):
            docker.require_image(image)
        ensure_environment(TOOLS, REQUIREMENTS / "localstack.txt")

    def start(self, state: Path | None = None) -> None:
        """Start it unless it runs, and return when it is ready."""
        if state:
            raise Failure(NO_STATES)
        if self.instance:
            self._require_answer()
            self._record()
            return
        self.prepare()
        self._record()
        try:
            self._compose("up", "--detach", "--remove-orphans", SERVICE)
            self._wait()
        except BaseException:
            self.stop()
            raise

    def save(self, file: Path) -> float:  # noqa: ARG002
        """Not possible."""
        raise Failure(NO_STATES)

    def stop(self) -> None:
        """Stop it, its functions, and what else the Compose file runs; volumes and network go too.

        Without Docker's engine nothing of it runs: what it left is removed by the next start with one. What
        another checkout has started runs on.
        """
        if not docker.is_off():
            self._remove(_container())
        (self._folder / "port").unlink(missing_ok=True)

    def healthy(self) -> bool:
        """Whether it answers."""
        return answers(f"{self.endpoint}/_localstack/health", 5)

    def log_tail(self, lines: int = 8) -> str:
        """The end of what it printed."""
        return "\n".join(self._command("logs").stdout.splitlines()[-lines:])

    def _record(self) -> None:
        """Keep what a later command needs to find it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "port").write_text(str(self.port))

    def _remove(self, container: dict[str, Any] | None) -> None:
        if container and not _is_of_this_checkout(container):
            return  # functions and network are of that checkout, too
        if container:
            if "PERSISTENCE=1" in container["Config"]["Env"]:
                docker.run("stop", "--time", str(SAVE_SECONDS), container["Id"])
            # By force, and before its functions: otherwise it takes half a minute to end them one by one.
            docker.remove([container["Id"]])
        docker.remove([function["Id"] for function in docker.containers(LABEL)])
        self._compose("--profile", "load", "down", "--volumes", "--remove-orphans")

    def _require_answer(self) -> None:
        """Wait for the answer of one that runs, late on a busy machine: it holds tasks, so it goes on."""
        if not until(self.healthy, seconds=START_SECONDS):
            raise Failure(
                f"LocalStack runs on port {self.port} and did not answer within {START_SECONDS} s: `make "
                "down` stops it, with all that it holds; then `make up CLOUD=localstack` starts it empty"
            )

    def _require_place(self) -> None:
        """Make sure that container and port are ours to take; one that has ended is removed."""
        if container := _container():
            if not _is_of_this_checkout(container):
                raise Failure(f"LocalStack was started in {_origin(container)}: run `make down` there first")
            if container["State"]["Running"]:
                raise Failure(f"a cloud is already up on port {_port(container)}: run `make down` first")
            self.stop()
        if is_taken(self.port):
            holder = describe_holder(self.port)
            raise Failure(f"port {self.port} is taken by {holder}: stop it, or choose another with PORT=")

    def _settings(self) -> dict[str, Any]:
        return dict(services_in_compose_file()[SERVICE])

    def _wait(self) -> None:
        if self._command("wait", "--timeout", str(START_SECONDS)).returncode == 0 and self.healthy():
            return
        container = _container()
        state = container["State"] if container else {"Running": False, "ExitCode": "unknown"}
        if state["ExitCode"] == NO_LICENSE:
            raise Failure(
                "LocalStack found no valid licence: check LOCALSTACK_AUTH_TOKEN, or unset LOCALSTACK_IMAGE"
            )
        what = f"did not answer within {START_SECONDS} s" if state["Running"] else "ended while starting"
        tail = self.log_tail().replace("\n", "\n  ")
        raise Failure(f"LocalStack {what}; its log ends:\n  {tail}")

    def _compose(self, *arguments: str) -> str:
        surroundings = {**compose_surroundings(), "LOCALSTACK_PORT": str(self.port)}
        return docker.run("compose", "--file", str(COMPOSE_FILE), *arguments, environment=surroundings)

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `localstack` command on our container."""
        surroundings = {
            **without_proxy(os.environ),
            "MAIN_CONTAINER_NAME": "task-manager-localstack",
            "LOCALSTACK_HOST": f"localhost:{self.port}",
            "DISABLE_EVENTS": "1",  # no usage reports
        }
        command = [str(TOOLS / "bin/localstack"), *arguments]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True)


def services_in_compose_file() -> dict[str, Any]:
    """The Compose file's services, with the values of this environment and of .env filled in."""
    command = ("compose", "--file", str(COMPOSE_FILE), "config", "--format", "json")
    found = docker.run(*command, environment=compose_surroundings())
    return dict(json.loads(found)["services"])


def compose_surroundings() -> dict[str, str]:
    """The environment for Compose, which mounts the engine's socket: unless named, the one that is used."""
    own = ROOT / ".env"
    named = "DOCKER_SOCKET" in os.environ or (own.is_file() and "DOCKER_SOCKET=" in own.read_text())
    return {**os.environ, **({} if named else {"DOCKER_SOCKET": docker.socket()})}


def images(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """LocalStack's image, and that of its functions: the first call would else wait for the latter."""
    return str(settings["image"]), RUNTIME_IMAGE.format(version=container_platform().python)


def container_platform() -> Platform:
    """This machine's Python, on the processor and the system of Docker's machine."""
    docker.require()
    return Platform.container(docker.architecture())


def require_licence_if_needed(settings: Mapping[str, Any]) -> None:
    """Fail early where LocalStack would end with a page of text."""
    if needs_licence(settings["image"]) and not _token(settings):
        raise Failure(
            f"{settings['image']} needs an account: set LOCALSTACK_AUTH_TOKEN, or unset LOCALSTACK_IMAGE "
            "to run 4.14.0, the last free one"
        )


def needs_licence(image: str) -> bool:
    """Whether an image is newer than the last free one, as `latest` and calendar versions are."""
    name, _, tag = image.rpartition(":")
    if name.endswith("localstack-pro"):
        return True
    version = re.match(r"(\d+)(?:\.(\d+))?", tag)
    return version is None or (int(version[1]), int(version[2] or LAST_FREE[1])) > LAST_FREE


def licensed(settings: Mapping[str, Any]) -> bool:
    """Whether what would run has the features of a licence."""
    return bool(_token(settings)) and needs_licence(settings["image"])


def _token(settings: Mapping[str, Any]) -> str:
    return str(settings["environment"].get("LOCALSTACK_AUTH_TOKEN") or "")


def _container() -> dict[str, Any] | None:
    return next(filter(_is_localstack, docker.containers(LABEL)), None)


def _is_localstack(container: dict[str, Any]) -> bool:
    return bool(container["Config"]["Labels"].get(SERVICE_LABEL) == SERVICE)


def _origin(container: dict[str, Any]) -> str:
    return str(container["Config"]["Labels"].get(FOLDER_LABEL))


def _is_of_this_checkout(container: dict[str, Any]) -> bool:
    return Path(_origin(container)).resolve() == ROOT


def _port(container: dict[str, Any]) -> int:
    bindings = container["HostConfig"]["PortBindings"]
    return int(bindings["4566/tcp"][0]["HostPort"])
