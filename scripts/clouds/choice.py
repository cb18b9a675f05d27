"""Which local cloud to use: the one module that imports them all."""

from pathlib import Path

from scripts.base.failure import Failure
from scripts.clouds.cloud import Cloud
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.endpoint import EndpointCloud, checked_endpoint
from scripts.clouds.localstack import LocalStackCloud

CHOICES = ("embedded", "localstack", "endpoint")


def choose(name: str, port: int, work_folder: Path, endpoint: str = "") -> Cloud:
    """The cloud of that name; a Failure if another is up. Nothing looks for Docker here.

    The endpoint, a URL, is that of an emulator that runs already; by default, the one that is in use.
    """
    if name not in CHOICES:
        raise Failure(f"there is no cloud named {name!r}: CLOUD is one of {', '.join(CHOICES)}")
    if endpoint and name != "endpoint":
        raise Failure(f"ENDPOINT={endpoint} is for CLOUD=endpoint, not for CLOUD={name}")
    running = next(iter(started(work_folder)), None)
    url = ""
    if name == "endpoint":
        in_use = running.endpoint if isinstance(running, EndpointCloud) else ""
        url = checked_endpoint(endpoint or in_use)
    if running and (running.name != name or url not in ("", running.endpoint)):
        raise Failure(f"the cloud {running.name} is up on {running.endpoint}: run `make down` first")
    if url:
        return EndpointCloud(url, work_folder / "endpoint")
    if name == "localstack":
        return LocalStackCloud(port, work_folder / "localstack")
    return EmbeddedCloud(port, work_folder / "embedded-cloud")


def started(work_folder: Path) -> list[Cloud]:
    """The clouds that were started from this work folder and not stopped, alive or crashed."""
    found = (
        EmbeddedCloud.find(work_folder / "embedded-cloud"),
        LocalStackCloud.find(work_folder / "localstack"),
        EndpointCloud.find(work_folder / "endpoint"),
    )
    return [cloud for cloud in found if cloud]
