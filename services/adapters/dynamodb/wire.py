"""DynamoDB's attribute values ({"S": "…"}) and plain Python values, both ways.

boto3 has the same in `boto3.dynamodb.types`, for the price of importing boto3 and of a Decimal for
every number; our items hold strings, whole numbers, lists, maps, booleans and nothing else.
"""

from collections.abc import Mapping
from typing import Any


class UnreadableRecord(ValueError):
    """A stream record that no retry will make readable."""


def to_wire(value: object) -> dict[str, Any]:
    """A plain value as an attribute value. Raises TypeError for a type that our items do not hold."""
    match value:
        case str():
            return {"S": str(value)}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case Mapping():
            return {"M": item_to_wire(value)}
        case list() | tuple():
            return {"L": [to_wire(element) for element in value]}
    raise TypeError(f"{type(value).__name__} has no attribute type here")


def item_to_wire(item: Mapping[str, object]) -> dict[str, Any]:
    """A plain dictionary as an item."""
    return {name: to_wire(value) for name, value in item.items()}


def from_wire(attribute: Mapping[str, Any]) -> Any:
    """The plain value of an attribute value. Raises ValueError for a type that our items do not hold."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "M":
            return item_from_wire(value)
        case "L":
            return [
                element["S"] if "S" in element and len(element) == 1 else from_wire(element)
                for element in value
            ]
    raise ValueError(f"attribute type {kind} is not supported")


def item_from_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as a plain dictionary."""
    # Most attributes are strings, and a page has hundreds: those need no call each.
    return {
        name: attribute["S"] if "S" in attribute and len(attribute) == 1 else from_wire(attribute)
        for name, attribute in item.items()
    }
