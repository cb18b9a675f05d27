"""The function map, services/functions.json, as typed values. `make lint` checks it by its JSON Schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import FUNCTIONS


@dataclass(frozen=True)
class HttpTrigger:
    """Requests to routes of the API."""

    routes: Mapping[str, str]
    """Route, such as `GET /tasks/{taskId}` → the scope that a token needs for it, or `public`."""


@dataclass(frozen=True)
class QueueTrigger:
    """Messages of a queue, which a rule fills with events of these types."""

    queue: str
    detail_types: tuple[str, ...]


@dataclass(frozen=True)
class StreamTrigger:
    """Records of the streams of tables."""

    tables: tuple[str, ...]


@dataclass(frozen=True)
class WorkflowTrigger:
    """A state of the approval workflow."""


Trigger = HttpTrigger | QueueTrigger | StreamTrigger | WorkflowTrigger
_TRIGGERS: Mapping[str, type[Trigger]] = {
    "http": HttpTrigger,
    "queue": QueueTrigger,
    "stream": StreamTrigger,
    "workflow": WorkflowTrigger,
}


@dataclass(frozen=True)
class Right:
    """IAM actions on resources, named as in `local.resources` of infra/functions.tf."""

    actions: tuple[str, ...]
    on: tuple[str, ...]
    reason: str = ""
    """Why it is granted, where no use of it can be seen."""


@dataclass(frozen=True)
class Function:
    """A Lambda function; None where Terraform's variables decide."""

    description: str
    handler: str
    trigger: Trigger
    rights: tuple[Right, ...]
    environment: tuple[str, ...] = ()
    """Environment variables besides those that come with rights."""
    memory_mb: int | None = None
    timeout_seconds: int | None = None


@cache
def function_map() -> Mapping[str, Function]:
    """Every function by its name."""
    return {name: _function(name, entry) for name, entry in entries().items()}


def entries() -> dict[str, dict[str, Any]]:
    """The map as it is written, without the reference to its schema."""
    content: dict[str, Any] = json.loads(FUNCTIONS.read_text(encoding="utf-8"))
    return {name: entry for name, entry in content.items() if name != "$schema"}


def actions() -> frozenset[str]:
    """Every IAM action that a right of the map names."""
    return frozenset(
        action
        for function in function_map().values()
        for right in function.rights
        for action in right.actions
    )


def _function(name: str, entry: Mapping[str, Any]) -> Function:
    try:
        typed = {
            "trigger": _trigger(**entry["trigger"]),
            "rights": tuple(_right(**one) for one in entry["rights"]),
            "environment": tuple(entry.get("environment", ())),
        }
        return Function(**{**entry, **typed})
    except (KeyError, TypeError) as error:
        raise Failure(f"services/functions.json: {name} is invalid, see `make lint`: {error}") from error


def _right(*, actions: list[str], on: list[str], reason: str = "") -> Right:
    return Right(tuple(actions), tuple(on), reason)


def _trigger(*, type: str, **entry: Any) -> Trigger:  # noqa: A002 - the map's own word
    for name in {"detail_types", "tables"} & entry.keys():
        entry[name] = tuple(entry[name])
    return _TRIGGERS[type](**entry)
