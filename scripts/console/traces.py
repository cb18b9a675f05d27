"""A trace as the page shows it: every hop with its place in time, its function, its event and its lines."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from scripts.base.failure import Failure
from scripts.console.cold import is_cold
from scripts.console.index import Index
from scripts.console.rows import line_of
from scripts.console.subject import Subject
from scripts.deployments.target import Target
from scripts.operators import otlp
from scripts.operators.log_lines import LogLine, ago
from scripts.operators.logs import LATE
from scripts.operators.story import Hop
from scripts.operators.trace import DEFAULT_SINCE, began, from_logs, hops_of

Json = dict[str, Any]
# Hops that are calls of functions; others, such as a write, are told from a line of one.
CALLS = ("api", "relay", "reaction", "other")


def trace_of(subject: Subject, correlation_id: str = "", task_id: str = "") -> Json:
    """What followed from a request, or a task's whole life. Raises Failure if nothing is known of it.

    From the index if all of it is in there; else from the logs, which takes seconds.
    """
    hops = found_hops(subject.target, subject.index, correlation_id, task_id)
    start, end = min(hop.at for hop in hops), max(hop.end for hop in hops)
    return {
        "title": correlation_id or task_id,
        "kind": "task" if task_id else "request",
        "start": start.isoformat(),
        "durationMs": _ms(end - start),
        "hops": list(_flat(subject, hops, start)),
    }


def otlp_of(subject: Subject, correlation_id: str, task_id: str) -> Json:
    """The same in OpenTelemetry's OTLP."""
    hops = found_hops(subject.target, subject.index, correlation_id, task_id)
    return otlp.document(hops, correlation_id or task_id, subject.environment)


def found_hops(target: Target, index: Index, correlation_id: str, task_id: str) -> list[Hop]:
    """The hops of a request or of a task. Raises Failure."""
    if not correlation_id and not task_id:
        raise Failure("which one? Give the id of a request or of a task")
    hops = (
        hops_of(target, correlation_id, task_id, index.of)
        if _is_whole(index, correlation_id, task_id)
        else []
    )
    if not hops:
        since = began(task_id) or ago(DEFAULT_SINCE)
        hops = hops_of(target, correlation_id, task_id, from_logs(target, since))
    if not hops:
        raise Failure(f"no log line names {correlation_id or task_id}")
    return hops


def _is_whole(index: Index, correlation_id: str, task_id: str) -> bool:
    """Whether the index reaches back to the beginning."""
    born = began(task_id)
    if born is not None:
        return born >= index.since
    lines = index.of(correlation_id or task_id)
    return bool(lines) and lines[0].at - LATE >= index.since


def _flat(
    subject: Subject, hops: list[Hop], start: datetime, depth: int = 0, cause: Hop | None = None
) -> Iterator[Json]:
    """Each hop before what followed from it."""
    for hop in sorted(hops, key=lambda hop: hop.at):
        line = hop.lines[0] if hop.lines else None
        event = _event(hop, subject.index)
        yield {
            "depth": depth,
            "kind": hop.kind,
            "text": hop.text,
            "function": line.function if line else None,
            "cold": is_cold(subject, line) if line and hop.kind in CALLS else None,
            "startMs": _ms(hop.at - start),
            "durationMs": None if hop.duration is None else _ms(hop.duration),
            "waitMs": _wait(hop, cause),
            "failed": hop.failed,
            "correlationId": line.correlation_id if line else None,
            "payload": event,
            "changes": event.get("changes") if event else None,
            "lines": [line_of(line) for line in hop.lines],
        }
        yield from _flat(subject, hop.follows, start, depth + 1, hop)


def _event(hop: Hop, index: Index) -> Json | None:
    """The event that the hop is about, if it came over the bus while the console was open."""
    names = (line.fields.get("event_id") for line in hop.lines)
    return next((event for name in names if name and (event := index.event(str(name)))), None)


def _wait(hop: Hop, cause: Hop | None) -> float | None:
    """How long a function's work waited: in its queue, or for the workflow to call it."""
    if cause is None or hop.kind != "reaction":
        return None
    if cause.kind == "queue":
        return _ms(cause.duration) if cause.duration is not None else None
    return _ms(max(hop.at - cause.at, timedelta(0)))


def _ms(took: timedelta) -> float:
    return round(took.total_seconds() * 1000, 1)


def last_reason(lines: list[LogLine]) -> str:
    """The last reason for a failure that these lines give; empty without one."""
    reasons = (str(line.fields["reason"]) for line in reversed(lines) if line.fields.get("reason"))
    return next(reasons, "")
