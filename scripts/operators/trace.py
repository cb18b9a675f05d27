"""`make trace ID=` or `make trace TASK=`: what followed from a request, or a task's whole life, as a tree.

It is built from log lines, the workflow's history and the archive, so it works on every cloud and needs no
tracing to be enabled.
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from scripts.base.failure import Failure
from scripts.deployments.target import LOCAL, Target, chosen_target
from scripts.operators import otlp
from scripts.operators.executions import Executions
from scripts.operators.log_lines import LogLine, LogReader, about, ago
from scripts.operators.story import FindExecution, Hop, Story
from services.core.reactions import archive_key

DEFAULT_SINCE = "1d"
ReadLines = Callable[[str], list[LogLine]]
"""All lines that contain a text: an id of a request or of a task."""

MARKS = {
    "api": "not dim cyan",
    "write": "not dim green",
    "relay": "not dim magenta",
    "queue": "not dim yellow",
    "reaction": "not dim blue",
    "workflow": "not dim bright_magenta",
    "state": "not dim bright_magenta",
    "archive": "not dim bright_green",
}


def trace(
    correlation_id: str = "",
    task_id: str = "",
    since: datetime | None = None,
    environment: str = "",
    form: str = "tree",
    collector: str = "",
) -> None:
    """`make trace`: show what followed from a request, or a task's whole life.

    As a tree; or in the `form` otlp, as JSON; or send it to an OpenTelemetry `collector`.
    """
    if not correlation_id and not task_id:
        raise Failure("which one? make trace ID=… (x-correlation-id of an answer) or TASK=… (a task's id)")
    target = chosen_target(environment)
    since = since or began(task_id) or ago(DEFAULT_SINCE)
    hops = hops_of(target, correlation_id, task_id, from_logs(target, since))
    if not hops:
        raise Failure(
            f"no log line names {correlation_id or task_id} since {since:%Y-%m-%d %H:%M} UTC: try SINCE=7d"
        )
    if not collector and form == "tree":
        show(hops, correlation_id or f"task {task_id}")
        return
    content = otlp.document(hops, correlation_id or task_id, environment or LOCAL)
    if form == "otlp":
        print(json.dumps(content))
    if collector:
        count = otlp.export(content, collector)
        print(f"Exported {count} spans to {collector}.", file=sys.stderr)


def from_logs(target: Target, since: datetime) -> ReadLines:
    """Reads from CloudWatch Logs all lines since then that contain a text."""
    functions = sorted(target.outputs["function_names"])
    return lambda text: LogReader(target, functions).read(since, text)


def hops_of(target: Target, correlation_id: str, task_id: str, read: ReadLines) -> list[Hop]:
    """What followed from a request, or a task's whole life; empty if no line names it."""
    executions = cache(Executions(target).of)
    if task_id:
        lines = list(about(read(task_id), task_id=task_id))
    else:
        lines = _of_correlation(read, correlation_id, executions)
    return Story(lines, executions, lambda task, at: _archived(target, task, at)).tell()


def show(hops: list[Hop], title: str) -> None:
    """The tree: each hop with its duration, and when it began, counted from the first."""
    start, end = min(hop.at for hop in hops), max(hop.end for hop in hops)
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text.assemble((title, "bold"), f"  {start:%Y-%m-%d %H:%M:%S} UTC, ", duration(end - start)))
    for line in _branches(hops, start):
        console.print(line)


def duration(took: timedelta) -> str:
    """Short: 12 ms, 1.5 s, 2 min 5 s."""
    seconds = took.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _branches(hops: list[Hop], start: datetime, indent: str = "") -> Iterator[Text]:
    """Not by rich's Tree, which cuts lines off at the width of the terminal: ids are for copying."""
    ordered = sorted(hops, key=lambda hop: hop.at)
    for hop in ordered:
        last = hop is ordered[-1]
        text = Text(indent + ("└── " if last else "├── "), style="dim")
        text.append(hop.text, style="not dim bold red" if hop.failed else MARKS.get(hop.kind, "not dim"))
        if hop.duration is not None:
            text.append(f"  {duration(hop.duration)}", style="not dim bold")
        text.append(f"  +{duration(max(hop.at - start, timedelta(0)))}")
        yield text
        yield from _branches(hop.follows, start, indent + ("    " if last else "│   "))


def _of_correlation(read: ReadLines, correlation_id: str, executions: FindExecution) -> list[LogLine]:
    """Its lines, and those of the decisions that its workflows waited for."""
    lines: list[LogLine] = []
    waiting, known = [correlation_id], {correlation_id}
    while waiting:
        wanted = waiting.pop()
        found = list(about(read(wanted), correlation_id=wanted))
        lines += found
        for line in found:
            if line.message == "relayed" and line.fields["detail_type"] in ("TaskCreated", "TaskUpdated"):
                execution = executions(str(line.task_id), int(line.fields["version"]))
                if execution and execution.verdict_id and execution.verdict_id not in known:
                    known.add(execution.verdict_id)
                    waiting.append(execution.verdict_id)
    return lines


def began(task_id: str) -> datetime | None:
    """When a task was created: its id holds the time (RFC 9562, 5.7)."""
    try:
        return datetime.fromtimestamp((UUID(task_id).int >> 80) / 1000, UTC) - timedelta(minutes=1)
    except ValueError:
        return None


def _archived(target: Target, task_id: str, completed_at: str) -> str | None:
    """Where the task is in the archive, if it is."""
    bucket = target.outputs["archive_bucket"]
    key = archive_key(task_id, completed_at)
    try:
        found = target.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None
    return f"archive  s3://{bucket}/{key}  {found['ContentLength']} bytes"
