"""services/functions.json, as the models read it: what triggers a function and what its rights are on."""

from collections.abc import Mapping
from typing import TypeVar

from scripts.base.functions import Function, Trigger, function_map

Kind = TypeVar("Kind", bound=Trigger)


def functions() -> Mapping[str, Function]:
    """Every function by its name."""
    return function_map()


def with_trigger(kind: type[Kind]) -> dict[str, Kind]:
    """Name → trigger, of the functions with this type of trigger."""
    triggers = {name: function.trigger for name, function in functions().items()}
    return {name: trigger for name, trigger in triggers.items() if isinstance(trigger, kind)}


def rights() -> list[tuple[str, str, str]]:
    """Every right as function, action and resource."""
    return [
        (name, action, resource)
        for name, function in functions().items()
        for right in function.rights
        for action in right.actions
        for resource in right.on
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
