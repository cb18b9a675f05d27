"""`make logs [FN=] [TASK=] [ID=] [SINCE=10m] [FOLLOW=0]`: what all functions write, in the order of time."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

from rich.console import Console
from rich.text import Text

from scripts.deployments.target import chosen_target, is_local
from scripts.operators.log_lines import READERS, LogLine, LogReader, about, ago, chosen_functions

DEFAULT_SINCE = "10m"
# Lines of different functions arrive in any order: only those older than this are sorted and printed.
SETTLE = timedelta(seconds=1)
# A line may become readable this long after it was written.
LATE = timedelta(seconds=15)
NEVER = Event()
WIDTH = 18
COLOURS = ("cyan", "magenta", "green", "blue", "yellow", "bright_cyan", "bright_magenta", "bright_green")
LEVELS = {"ERROR": "bold red", "CRITICAL": "bold red", "WARNING": "yellow", "DEBUG": "dim"}


def logs(
    function: str = "",
    task_id: str = "",
    correlation_id: str = "",
    since: datetime | None = None,
    environment: str = "",
    *,
    follow: bool = True,
) -> None:
    """`make logs`: print the lines since then (ten minutes ago, by default); follow them until Ctrl-C."""
    console = Console(highlight=False)
    since = since or ago(DEFAULT_SINCE)
    target = chosen_target(environment)
    functions = chosen_functions(target, function)
    reader = LogReader(target, functions)
    if not follow:
        found = reader.read(since, correlation_id or task_id)
        for line in about(found, task_id=task_id, correlation_id=correlation_id):
            console.print(as_text(line), soft_wrap=True)
        return
    console.print(f"Following {len(functions)} functions. Press Ctrl-C to stop.", style="dim")
    for line in about(
        following(reader, since, correlation_id or task_id, pause(environment, functions)),
        task_id=task_id,
        correlation_id=correlation_id,
    ):
        console.print(as_text(line), soft_wrap=True)


def following(
    reader: LogReader,
    since: datetime,
    containing: str,
    seconds: float,
    settle: timedelta = SETTLE,
    stop: Event = NEVER,
) -> Iterator[LogLine]:
    """All lines since then, and those to come, in order; reads again every so many seconds, until stopped."""
    held: list[LogLine] = []
    while not stop.is_set():
        now = datetime.now(UTC)
        held = sorted(held + reader.read(since, containing), key=lambda line: line.at)
        settled = [line for line in held if line.at <= now - settle]
        yield from settled
        held = held[len(settled) :]
        since = max(since, now - LATE)
        stop.wait(seconds)


def pause(environment: str, functions: list[str]) -> float:
    """Seconds between readings: AWS takes five a second from an account, so all functions take turns."""
    return 0.5 if is_local(environment) else max(1.0, len(functions) / READERS)


def as_text(line: LogLine) -> Text:
    """A line in colour: time (UTC), function, message, correlation id, and what else it says."""
    name = line.function.replace("_", "-")
    text = Text()
    text.append(f"{line.at.astimezone(UTC):%H:%M:%S}.{line.at.microsecond // 1000:03d} ", style="dim")
    text.append(f"{name:<{WIDTH}} ", style=COLOURS[zlib.crc32(name.encode()) % len(COLOURS)])
    if line.level != "INFO":
        text.append(f"{line.level} ", style=LEVELS.get(line.level, ""))
    text.append(_plain(line.message), style=LEVELS.get(line.level, "bold"))
    fields = dict(line.fields)
    trace = fields.pop("exception", None)
    fields.pop("exception_name", None)
    fields.pop("stack_trace", None)
    for field, value in fields.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        text.append(f"  {field}=", style="dim")
        text.append(_plain(shown))
    if line.correlation_id:
        text.append(f"  id={line.correlation_id}", style="dim")
    if trace:
        text.append("\n  " + str(trace).replace("\n", "\n  "), style="red")
    return text


def _plain(text: str) -> str:
    """What people wrote must not steer the terminal."""
    return "".join(character if character.isprintable() else "·" for character in text)
