"""Which local cloud to use: the one place that knows them all."""

from pathlib import Path

from scripts.clouds.cloud import Cloud
from scripts.clouds.embedded import EmbeddedCloud
from scripts.failure import Failure

CHOICES = ("auto", "embedded", "localstack")


def choose(name: str, port: int, work_folder: Path) -> Cloud:
    """The cloud of that name; `auto` takes the best that this machine can run."""
    if name in ("auto", "embedded"):
        return EmbeddedCloud(port, work_folder / "embedded-cloud")
    if name == "localstack":
        raise Failure("LocalStack is not supported yet: use CLOUD=embedded")
    raise Failure(f"there is no cloud named {name!r}: CLOUD is one of {', '.join(CHOICES)}")


def started(work_folder: Path) -> list[Cloud]:
    """The clouds that were started from this work folder and not stopped, alive or crashed."""
    embedded = EmbeddedCloud.find(work_folder / "embedded-cloud")
    return [embedded] if embedded else []
