"""LocalStack for one test session, by testcontainers, whose reaper removes all however the session ends."""

import json
import warnings
from typing import Any

from requests.exceptions import ReadTimeout
from testcontainers.community.localstack import LocalStackContainer
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from scripts.base import docker
from scripts.base.local_account import REGION
from scripts.base.loopback import answers, http_client
from scripts.base.ports import LOOPBACK, free_port
from scripts.build.platforms import Platform
from scripts.clouds.clients import client
from scripts.clouds.localstack import container_platform, licensed, services_in_compose_file
from tests.harness.function_map import FUNCTIONS

START_SECONDS = 90
EDGE_PORT = 4566


class LocalStackForTests:
    """A cloud (scripts.clouds.cloud) in a container of the tests' own, with the Compose file's settings."""

    name = "localstack"
    keeps_states = False
    is_ours = True

    def __init__(self) -> None:
        docker.require()
        settings = services_in_compose_file()["localstack"]
        self.api_type = "http" if licensed(settings) else "rest"
        self.port = free_port()
        self._container = LocalStackContainer(settings["image"], EDGE_PORT, region_name=REGION)
        for name, value in settings["environment"].items():
            self._container.with_env(name, str(value))
        # The functions' containers carry the session's label, by which the reaper finds them.
        self._container.with_env("LAMBDA_DOCKER_FLAGS", f"-l {LABEL_SESSION_ID}={SESSION_ID}")
        self._container.with_env("LAMBDA_DOCKER_NETWORK", "bridge")
        self._container.with_volume_mapping(docker.socket(), docker.DEFAULT_SOCKET, "rw")
        # Loopback only; testcontainers' own mapping would listen on every interface.
        self._container.ports = {f"{EDGE_PORT}/tcp": (LOOPBACK, self.port)}

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def instance(self) -> str | None:
        container = self._container.get_wrapped_container()
        return container.id if container else None

    def platform(self) -> Platform:
        return container_platform()

    def healthy(self) -> bool:
        return answers(f"{self.endpoint}/_localstack/health", 5)

    def start(self) -> None:
        self._container.start(timeout=START_SECONDS)

    def stop(self) -> None:
        """Remove it and its functions; the reaper removes what an engine that hangs leaves."""
        try:
            self._container.stop()
            functions = docker.containers(f"{LABEL_SESSION_ID}={SESSION_ID}")
            docker.remove([container["Id"] for container in functions])
        except (docker.Hangs, ReadTimeout) as error:
            warnings.warn(f"containers were left behind: {error}", stacklevel=1)


def warm_up(endpoint: str, outputs: dict[str, Any]) -> None:
    """Call every function once, one after the other: LocalStack can hang on many cold starts at a time."""
    invoke = client("lambda", endpoint).invoke
    with http_client(outputs["api_url"], timeout=60) as api:
        for name, function in FUNCTIONS.items():
            trigger = function["trigger"]
            if trigger["type"] == "http":
                method, path = next(iter(trigger["routes"])).split(" ")
                # There is no such task and no body: the function refuses the request.
                api.request(method, path.format(taskId="none", userId="none"))
            elif trigger["type"] in ("queue", "stream"):
                nothing = json.dumps({"Records": []})
                invoke(FunctionName=outputs["function_names"][name], Qualifier="live", Payload=nothing)
