"""What the page sends, read with care: a value of another kind is refused by its name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.base.failure import Failure


@dataclass(frozen=True)
class Arguments:
    """Named values of a request. Every getter raises Failure for a value of another kind."""

    values: Mapping[str, Any]

    @classmethod
    def from_json(cls, body: bytes) -> "Arguments":
        """Those of a JSON body."""
        try:
            content = json.loads(body or b"{}")
        except ValueError as error:
            raise Failure(f"the body is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise Failure("the body is not a JSON object")
        return cls(content)

    def text(self, name: str) -> str:
        """A text; empty if it is missing."""
        return self.optional(name) or ""

    def optional(self, name: str) -> str | None:
        """A text; None if it is missing."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise Failure(f"{name} is not a text")
        return value

    def number(self, name: str) -> float | None:
        """A number; None if it is missing."""
        value = self.values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Failure(f"{name} is not a number")
        return value

    def parts(self, name: str) -> list["Arguments"]:
        """A list of objects; empty if it is missing."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Failure(f"{name} is not a list of objects")
        return [Arguments(one) for one in value]
