"""services/functions.json, as tests read it."""

import json
from typing import Any

from scripts.base.paths import FUNCTIONS as FILE

FUNCTIONS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def by_trigger(kind: str) -> dict[str, Any]:
    """The functions with this type of trigger: http, queue, stream, workflow."""
    return {name: function for name, function in FUNCTIONS.items() if function["trigger"]["type"] == kind}
