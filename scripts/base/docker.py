"""The Docker engine, by its command line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from scripts.base.failure import Failure
from scripts.base.loopback import is_loopback

INSTALL = "https://docs.docker.com/get-docker/"
OTHERWISE = "or use CLOUD=embedded, which needs no Docker"
ANSWER_SECONDS = 15.0  # the engine may be remote, or asleep
COMMAND_SECONDS = 180.0  # most take a few seconds: an engine that hangs never ends a command
REMOVE_SECONDS = 60.0
PULL_SECONDS = 15 * 60.0
DEFAULT_SOCKET = "/var/run/docker.sock"
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}


class Hangs(Failure):
    """Docker did not get a command done in time."""


def trouble() -> str | None:
    """What keeps Docker from being used, with its remedy; None if nothing does."""
    if not shutil.which("docker"):
        return f"Docker is not installed: see {INSTALL}, {OTHERWISE}"
    try:
        done = _docker(["version", "--format", "{{.Server.Arch}}"], seconds=ANSWER_SECONDS)
    except Hangs:
        return f"Docker's daemon does not answer: check DOCKER_HOST, restart the daemon, {OTHERWISE}"
    if done.returncode:
        said = _last_line(done.stderr)
        if "permission denied" in said:
            return f"you may not use Docker: join the group of its socket (usually `docker`), {OTHERWISE}"
        return f"Docker's daemon is not running or cannot be reached: start it, {OTHERWISE} ({said})"
    if _is_podman():
        return (
            "`docker` is Podman here, but LocalStack starts functions through Docker's own engine: "
            f"install Docker and choose it with DOCKER_HOST or `docker context use`, {OTHERWISE}"
        )
    if _is_remote(host := engine()):
        return (
            f"Docker's engine is on another machine ({host}), where LocalStack would listen: choose one on "
            f"this machine with DOCKER_HOST or `docker context use`, {OTHERWISE}"
        )
    if _docker(["compose", "version"]).returncode:
        return f"Docker has no Compose plugin: see https://docs.docker.com/compose/install/, {OTHERWISE}"
    return None


def is_off() -> bool:
    """Whether no engine runs: Docker is not installed, or its daemon does not run."""
    if not shutil.which("docker"):
        return True
    done = _docker(["version", "--format", "{{.Server.Arch}}"], seconds=ANSWER_SECONDS)
    return done.returncode != 0 and "permission denied" not in done.stderr


def require() -> None:
    """Fail where Docker cannot be used."""
    if found := trouble():
        raise Failure(found)


def architecture() -> str:
    """The processor architecture that containers run on, as Lambda names it."""
    arch = run("version", "--format", "{{.Server.Arch}}").strip()
    return ARCHITECTURES.get(arch, arch)


def engine() -> str:
    """The URL of the engine that `docker` uses, by DOCKER_HOST or its context; empty where it has none."""
    if given := os.environ.get("DOCKER_HOST"):
        return given
    return _docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).stdout.strip()


def socket() -> str:
    """The engine's socket as the engine's machine sees it, for containers that start others.

    Where the engine runs in a virtual machine (macOS: Docker Desktop, Colima, OrbStack; Linux: Docker
    Desktop), the socket here only leads to that of the machine, which has the usual place.
    """
    url = urlsplit(engine())
    if sys.platform == "darwin" or url.scheme != "unix" or url.path == DEFAULT_SOCKET:
        return DEFAULT_SOCKET
    system = _docker(["info", "--format", "{{.OperatingSystem}}"], seconds=ANSWER_SECONDS).stdout.strip()
    return DEFAULT_SOCKET if system == "Docker Desktop" else url.path


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What a docker command prints; raises Failure when it fails."""
    done = _docker(arguments, environment=environment)
    if done.returncode:
        raise Failure(f"docker {' '.join(arguments[:2])} failed: {_last_line(done.stderr)}")
    return done.stdout


def containers(label: str) -> Iterator[dict[str, Any]]:
    """The containers with a label, running or not, as `docker inspect` shows them; none without Docker."""
    if not shutil.which("docker"):
        return
    try:
        listed = _docker(["ps", "-aq", "--filter", f"label={label}"], seconds=ANSWER_SECONDS)
    except Hangs:
        return
    for identity in listed.stdout.split():
        inspected = _docker(["inspect", "--type", "container", identity])
        if inspected.returncode == 0:  # else it has gone meanwhile
            yield from json.loads(inspected.stdout)


def require_image(image: str) -> None:
    """Pull an image unless it is there; a Failure says why it cannot be had."""
    if _docker(["image", "inspect", image]).returncode == 0:
        return
    pulled = _docker(["pull", "--quiet", image], seconds=PULL_SECONDS)
    if pulled.returncode:
        reason = _last_line(pulled.stderr)
        raise Failure(
            f"the image {image} cannot be pulled: check its name and the network, {OTHERWISE} ({reason})"
        )


def remove(identities: Sequence[str]) -> None:
    """Remove containers by force; it is fine if some have gone. Raises Hangs where they stay.

    One after the other: Docker 20.10 was seen to hang for good on twenty at a time.
    """
    for identity in identities:
        _docker(["rm", "--force", "--volumes", identity], seconds=REMOVE_SECONDS)


def _is_podman() -> bool:
    """Whether `docker` is Podman's command, or Docker's on the socket of Podman."""
    if _docker(["--version"]).stdout.lower().startswith("podman"):
        return True
    parts = _docker(["version", "--format", "{{range .Server.Components}}{{.Name}} {{end}}"])
    return "podman" in parts.stdout.lower()


def _is_remote(url: str) -> bool:
    return urlsplit(url).scheme == "ssh" or (urlsplit(url).scheme == "tcp" and not is_loopback(url))


def _docker(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = COMMAND_SECONDS,
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["docker", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        said = f"`docker {arguments[0]}` did not end within {seconds:.0f} s: restart Docker, and try again"
        raise Hangs(said) from error
    except FileNotFoundError as error:
        raise Failure(f"Docker is not installed: see {INSTALL}, {OTHERWISE}") from error


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no output")
