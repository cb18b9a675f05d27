"""Entries in services/functions.json, laid out as the others are."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.base.functions import entries
from scripts.scaffolding.changes import Changes
from scripts.scaffolding.json_text import with_entry

FILE = "services/functions.json"


def text(
    name: str,
    *,
    description: str,
    handler: str,
    trigger: Mapping[str, Any],
    rights: Sequence[Mapping[str, Any]],
    environment: Sequence[str] = (),
) -> str:
    """A function and what the map says of it."""
    lines = [
        f'    "description": {json.dumps(description)}',
        f'    "handler": {json.dumps(handler)}',
        f'    "trigger": {json.dumps(trigger)}',
        *([f'    "environment": {json.dumps(list(environment))}'] if environment else []),
        '    "rights": [\n' + ",\n".join(f"      {json.dumps(right)}" for right in rights) + "\n    ]",
    ]
    body = ",\n".join(lines)
    return f'"{name}": {{\n{body}\n  }}'


def add(changes: Changes, name: str, entry: str) -> None:
    """Put an entry after the last function with a trigger of the same type."""
    kind = json.loads(f"{{{entry}}}")[name]["trigger"]["type"]
    # Pages come last among the endpoints, so a new one stands before them, beside what it resembles.
    alike = [other for other, found in entries().items() if found["trigger"]["type"] == kind]
    changes.edit(FILE, with_entry, alike[-1], entry)
