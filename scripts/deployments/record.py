"""What is deployed on the local cloud, kept for the other commands. Needs neither boto3 nor Terraform."""

import contextlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.base import locks
from scripts.base.failure import Failure
from scripts.base.paths import WORK_FOLDER
from scripts.clouds.choice import started

if TYPE_CHECKING:
    from scripts.terraform import Timing


@dataclass(frozen=True)
class StackRecord:
    """What is deployed where, kept in `stack.json`."""

    cloud: str
    endpoint: str
    instance: str
    environment: str
    digest: str  # of Terraform's input, but for the code: while it is the same, an apply would change nothing
    outputs: dict[str, Any]
    package: str = ""  # the SHA-256 of the code that functions run
    timings: list["Timing"] = field(default_factory=list)

    @classmethod
    def load(cls, work_folder: Path) -> "StackRecord | None":
        """The last deployment from this work folder, whether or not its cloud still runs."""
        try:
            return cls(**json.loads((work_folder / "stack.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, work_folder: Path) -> None:
        """Keep it for the other commands."""
        (work_folder / "stack.json").write_text(json.dumps({**asdict(self), "timings": []}, indent=2) + "\n")


def forget(work_folder: Path) -> None:
    """Remove the record."""
    (work_folder / "stack.json").unlink(missing_ok=True)


def forget_code(work_folder: Path) -> None:
    """Have the next deployment put its code there: functions no longer run what the record names."""
    if last := StackRecord.load(work_folder):
        replace(last, package="").save(work_folder)


def alone(work_folder: Path, holder: str = "`make up`") -> contextlib.AbstractContextManager[None]:
    """One deployment at a time changes what is in a work folder; a Failure while another does."""
    return locks.alone(work_folder / "deploy.lock", holder)


def running_stack() -> StackRecord:
    """What is deployed on the cloud that runs; a Failure if there is none."""
    record = StackRecord.load(WORK_FOLDER)
    alive = [cloud.instance for cloud in started(WORK_FOLDER)]
    if record is None or record.instance not in alive:
        raise Failure("nothing is deployed: run `make up`")
    return record
