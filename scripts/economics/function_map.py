"""services/functions.json, as the models read it: what triggers a function and what its rights are on."""

from functools import cache
from typing import Any

from scripts.base.functions import entries


@cache
def functions() -> dict[str, Any]:
    """Name of a function → its entry in the map."""
    return entries()


def with_trigger(kind: str) -> dict[str, Any]:
    """Name → trigger, of the functions with this type of trigger: http, queue, stream, workflow."""
    triggers = {name: function["trigger"] for name, function in functions().items()}
    return {name: trigger for name, trigger in triggers.items() if trigger["type"] == kind}


def rights() -> list[tuple[str, str, str]]:
    """Every right as function, action and resource."""
    return [
        (name, action, resource)
        for name, function in functions().items()
        for right in function["rights"]
        for action in right["actions"]
        for resource in right["on"]
    ]


def resources() -> set[str]:
    """Everything that functions have rights on, by the map's names."""
    return {resource for *_, resource in rights()}


def tables() -> set[str]:
    """Those resources that are tables."""
    return {resource for resource in resources() if resource.endswith("_table")}


def indexes(table: str) -> set[str]:
    """Those resources that are indexes of this table."""
    stem = table.removesuffix("table")
    return {name for name in resources() if name.startswith(stem) and name.endswith("_index")}
