"""services/functions.json, as tests read it: with the environment variables that come with rights."""

import re
from collections.abc import Iterable
from typing import Any

from scripts.base.functions import entries

# What a right is on → the variable that names it, where it does not follow from the name.
_VARIABLES = {
    "any_waiting_execution": None,
    "archive_bucket_tasks": "ARCHIVE_BUCKET",
    "archive_bucket_parked": "PARKED_RECORDS_BUCKET",
}


def _variable(on: str) -> str | None:
    return _VARIABLES.get(on, re.sub("_by_.+_index$", "_table", on).upper())


def _with_rights(entry: dict[str, Any]) -> dict[str, Any]:
    of_rights = {_variable(on) for right in entry["rights"] for on in right["on"]} - {None}
    return entry | {"environment": [*entry.get("environment", ()), *sorted(of_rights)]}


FUNCTIONS: dict[str, Any] = {name: _with_rights(entry) for name, entry in entries().items()}


def with_head(routes: Iterable[str]) -> list[str]:
    """The routes, and HEAD beside each GET, as Terraform adds it."""
    return [each for route in routes for each in dict.fromkeys((route, re.sub("^GET ", "HEAD ", route)))]


def by_trigger(kind: str) -> dict[str, Any]:
    """The functions with this type of trigger: http, queue, stream, workflow."""
    return {name: function for name, function in FUNCTIONS.items() if function["trigger"]["type"] == kind}
