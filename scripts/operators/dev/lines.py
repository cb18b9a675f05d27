"""A line for each request, event, reaction and step: what it did, how long it took, and what caused it."""

from datetime import UTC, datetime

from rich.text import Text

from scripts.base.functions import HttpTrigger, QueueTrigger, Trigger, WorkflowTrigger, function_map
from scripts.operators.log_lines import LogLine
from scripts.operators.logs import COLOURS, WIDTH, as_text

FAILED_STATUS = 500
OTHER = COLOURS[1]
_MARKS: dict[type[Trigger], str] = {
    HttpTrigger: COLOURS[0],
    QueueTrigger: COLOURS[3],
    WorkflowTrigger: COLOURS[6],
}


def shown(line: LogLine) -> Text:
    """The line of a request, event, reaction or step that was completed; any other in full."""
    what = completed(line)
    if what is None:
        return as_text(line)
    name, at = line.function.replace("_", "-"), line.at.astimezone(UTC)
    function = function_map().get(line.function)
    mark = _MARKS.get(type(function.trigger), OTHER) if function else OTHER
    text = moment(at)
    text.append(f"{name:<{WIDTH}} ", style=mark)
    failed = int(line.fields.get("status", 0)) >= FAILED_STATUS
    text.append(f"{what:<34} ", style="bold red" if failed else "bold")
    text.append(f"{milliseconds(line):>6.0f} ms")
    if line.correlation_id:
        text.append(f"  id={line.correlation_id}", style="dim")
    return text


def moment(at: datetime) -> Text:
    """The beginning of a line: the time (UTC), as `make logs` has it."""
    return Text(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} ", style="dim")


def completed(line: LogLine) -> str | None:
    """The request, event, reaction or step that the line reports as done, in words; None for other lines."""
    fields = line.fields
    if line.level not in ("INFO", "DEBUG") or not {"duration_ms", "lag_ms"} & set(fields):
        return None
    event = f"{fields.get('detail_type')} v{fields.get('version')}"
    if line.message == "relayed":
        return f"{event} → bus"
    if line.message == "reacted":
        return f"reacted to {event}"
    if "status" in fields:
        return f"{line.message}  {fields['status']}"
    result = fields.get("result")
    told = ", ".join(map(str, result.values())) if isinstance(result, dict) else ""
    return f"{line.message}  {told}".strip()


def milliseconds(line: LogLine) -> float:
    """Of the work; of an event, from the write to the bus."""
    return float(line.fields.get("duration_ms", line.fields.get("lag_ms", 0)))
