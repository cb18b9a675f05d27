"""What each function was seen to do: decisions of IAM in the words of the function map."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from scripts.base.paths import WORK_FOLDER
from scripts.clouds.decisions import FILE, Decision

# What the local cloud's IAM decided, until `make reset`; and what the last run of the integration tests used.
RECORD = WORK_FOLDER / "embedded-cloud" / FILE
OF_TESTS = WORK_FOLDER / "used-by-tests.json"

# Actions for which IAM knows no resource → what the function map calls that. Others on `*` have no name.
ON_ANYTHING = {"states:SendTask": "any_waiting_execution"}


@dataclass(frozen=True, order=True)
class Use:
    """A function's call, allowed or denied; `on` is a name of the map, or an ARN that has none."""

    function: str
    action: str
    on: str
    allowed: bool = True

    @property
    def named(self) -> bool:
        """Whether the function map has a name for what it is on."""
        return ":" not in self.on and self.on != "*"


def uses(decisions: Iterable[Decision], outputs: Mapping[str, Any]) -> Iterator[Use]:
    """What functions did, on the deployment with these outputs of Terraform.

    A function's own session bears its name. Others that assume its role, such as tests, do not count.
    """
    functions = {called: function for function, called in outputs["function_names"].items()}
    for decision in decisions:
        function = functions.get(decision.principal.rpartition("/")[2])
        if ":assumed-role/" in decision.principal and function is not None:
            on = name_of(decision.action, decision.resource, outputs["resource_arns"])
            yield Use(function, decision.action, on, decision.allowed)


def name_of(action: str, resource: str, arns: Mapping[str, str]) -> str:
    """The function map's name of a resource: that of the longest ARN that covers it; else the ARN itself."""
    if resource == "*":
        return next((name for start, name in ON_ANYTHING.items() if action.startswith(start)), resource)
    covering = [(len(arn), name) for name, arn in arns.items() if arn != "*" and fnmatchcase(resource, arn)]
    return max(covering)[1] if covering else resource


def save(found: Iterable[Use], path: Path) -> None:
    """Write uses to a file, each once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps([asdict(use) for use in sorted(set(found))], indent=1) + "\n", encoding="utf-8"
    )


def load(path: Path) -> list[Use]:
    """The uses that were saved; none if there is no such file."""
    return [Use(**use) for use in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
