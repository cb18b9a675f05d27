"""services/functions.json, as the models read it: what triggers a function and what its rights are on."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import TypeVar

from scripts.base.functions import Function, Trigger, function_map
from scripts.base.paths import INFRA
from scripts.terraform.hcl import parsed

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


@cache
def _tables() -> Mapping[str, frozenset[str]]:
    """Each table of infra/tables.tf and its indexes, as rights name them."""
    declared = parsed((INFRA / "tables.tf").read_text(encoding="utf-8"))["locals"][0]["tables"]
    return {
        f"{name}_table": frozenset(f"{name}_{index.replace('-', '_')}_index" for index in table["indexes"])
        for name, table in declared.items()
    }


def tables() -> Collection[str]:
    """The tables, as rights name them."""
    return _tables().keys()


def indexes(table: str) -> frozenset[str]:
    """The indexes of a table; none of what is no table."""
    return _tables().get(table, frozenset())
