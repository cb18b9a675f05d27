"""The record of what is deployed on the local cloud; reading it needs neither boto3 nor Terraform."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scripts.terraform import Timing


@dataclass(frozen=True)
class Deployment:
    """What is deployed where, kept in `stack.json`."""

    cloud: str
    endpoint: str
    instance: str
    environment: str
    digest: str  # of all that Terraform was given: while it is the same, an apply would change nothing
    outputs: dict[str, Any]
    timings: list["Timing"] = field(default_factory=list)

    @classmethod
    def load(cls, work_folder: Path) -> "Deployment | None":
        """The last deployment from this work folder, whether or not its cloud still runs."""
        try:
            return cls(**json.loads((work_folder / "stack.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, work_folder: Path) -> None:
        """Keep it for the other commands."""
        (work_folder / "stack.json").write_text(json.dumps({**asdict(self), "timings": []}, indent=2) + "\n")
