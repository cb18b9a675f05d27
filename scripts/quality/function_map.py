"""services/functions.json against its JSON Schema, with messages that say what is allowed."""

import json
from collections.abc import Mapping
from pathlib import Path

from jsonschema import Draft202012Validator, ValidationError

from scripts.base.failure import Failure
from scripts.base.paths import FUNCTIONS, FUNCTIONS_SCHEMA


def check_function_map(file: Path = FUNCTIONS) -> None:
    """Raise Failure with a line for each error."""
    validator = Draft202012Validator(json.loads(FUNCTIONS_SCHEMA.read_text(encoding="utf-8")))
    errors = validator.iter_errors(json.loads(file.read_text(encoding="utf-8")))
    if lines := [f"{file.name}: {_message(error)}" for error in errors]:
        raise Failure("\n".join(lines))


def _message(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path) or "the map"
    allowed = ""
    schema = error.schema
    if error.validator == "additionalProperties" and isinstance(schema, Mapping):
        names = [*schema.get("properties", ()), *schema.get("patternProperties", ())]
        allowed = f"; allowed: {', '.join(names)}"
    return f"{place}: {error.message}{allowed}"
