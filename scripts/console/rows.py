"""Log lines as the page shows them: a row of the feed, or a line with all that it says."""

from typing import Any

from scripts.base.functions import (
    HttpTrigger,
    QueueTrigger,
    StreamTrigger,
    Trigger,
    WorkflowTrigger,
    function_map,
)
from scripts.operators.dev.lines import FAILED_STATUS, completed, milliseconds
from scripts.operators.log_lines import LogLine

Json = dict[str, Any]
BAD = ("ERROR", "CRITICAL")
_KINDS: dict[type[Trigger], str] = {
    HttpTrigger: "request",
    QueueTrigger: "reaction",
    StreamTrigger: "event",
    WorkflowTrigger: "step",
}


def row_of(number: int, line: LogLine) -> Json:
    """A row of the feed; `ms` is None for a line that reports nothing as done."""
    what = completed(line)
    reason = line.fields.get("reason")
    return {
        "number": number,
        "at": line.at.isoformat(),
        "function": line.function,
        "kind": kind_of(line.function),
        "what": what or (f"{line.message}: {reason}" if reason else line.message),
        "ms": round(milliseconds(line), 1) if what else None,
        "id": line.correlation_id,
        "task": line.task_id,
        "level": line.level,
        "failed": failed(line),
    }


def kind_of(function: str) -> str:
    """What a function's lines are about: a request, an event, a reaction or a step of the workflow."""
    entry = function_map().get(function)
    return _KINDS[type(entry.trigger)] if entry else "request"


def failed(line: LogLine) -> bool:
    """Whether the line reports a failure of ours."""
    return line.level in BAD or int(line.fields.get("status") or 0) >= FAILED_STATUS


def line_of(line: LogLine) -> Json:
    """A line with everything that it says."""
    return {
        "at": line.at.isoformat(),
        "function": line.function,
        "level": line.level,
        "message": line.message,
        "id": line.correlation_id,
        "fields": line.fields,
    }
