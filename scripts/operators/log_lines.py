"""The log lines of all functions, read from CloudWatch Logs, understood, and in the order of time."""

import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from services.core.aggregates import AGGREGATES

# CloudWatch Logs throttles FilterLogEvents after a few calls a second; a local cloud is one process.
READERS = 5
# So many events are remembered before those that are not asked for any more are forgotten.
MOST_SEEN = 10_000
_PERIOD = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Plain-text lines that Lambda writes around every call; the REPORT line of a failure ends with its status.
_ROUTINE = ("START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START", "XRAY TraceId:")
_FAILED_REPORT = re.compile(r"REPORT RequestId:.*\bStatus: (?:timeout|error|failure)\b", re.DOTALL)
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#Status
FAILURES = ("timeout", "error", "failure")


Subject = tuple[str, str]
"""Such as ("task", its id)."""


@dataclass(frozen=True)
class LogLine:
    """A line that a function wrote; `fields` holds everything besides the message."""

    at: datetime
    function: str
    level: str
    message: str
    correlation_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    cold: bool | None = None
    """Whether the call that wrote it was the first of its process; None where that is not known."""
    stream: str = ""
    """The log stream: on AWS, that of one process."""

    @property
    def task_id(self) -> str | None:
        """The task that the line is about, if it says so."""
        return self.fields.get("task_id")

    @property
    def subject(self) -> Subject | None:
        """What the line is about, if it says so: an aggregate's name, and the id."""
        named = (one.name for one in AGGREGATES if f"{one.name}_id" in self.fields)
        return next(((name, str(self.fields[f"{name}_id"])) for name in named), None)

    @property
    def duration(self) -> timedelta:
        """How long that took which the line reports."""
        return timedelta(milliseconds=float(self.fields.get("duration_ms", 0)))


class LogReader:
    """Reads the logs of some functions, each event once."""

    def __init__(self, target: Target, functions: Iterable[str]) -> None:
        names = target.outputs["function_names"]
        self._groups = {function: f"/aws/lambda/{names[function]}" for function in functions}
        self._logs = target.client("logs")
        self._seen: set[tuple[Any, ...]] = set()
        self._starts = ColdStarts()

    def read(self, since: datetime, containing: str = "") -> list[LogLine]:
        """The lines written since, without those read before; with a text, only lines that contain it."""
        with ThreadPoolExecutor(READERS) as pool:
            found = pool.map(lambda function: self._events(function, since, containing), self._groups)
        lines = []
        for function, events in zip(self._groups, found, strict=True):
            for event in events:
                # Not by eventId, which local clouds leave out.
                key = (function, event["logStreamName"], event["timestamp"], event["message"])
                # Not every local cloud applies the filter.
                if key not in self._seen and containing in event["message"]:
                    self._seen.add(key)
                    cold = self._starts.cold(event)
                    if line := parse(function, event):
                        lines.append(replace(line, cold=cold, stream=event["logStreamName"]))
        self._forget(since)
        return sorted(lines, key=lambda line: line.at)

    def _forget(self, since: datetime) -> None:
        """Forget what was seen before: nobody asks for that again. A reader may run for days."""
        if len(self._seen) > MOST_SEEN:
            start = since.timestamp() * 1000
            self._seen = {key for key in self._seen if key[2] >= start}

    def _events(self, function: str, since: datetime, containing: str) -> list[dict[str, Any]]:
        query: dict[str, Any] = {
            "logGroupName": self._groups[function],
            "startTime": int(since.timestamp() * 1000),
        }
        if containing:
            query["filterPattern"] = json.dumps(containing)
        try:
            pages = self._logs.get_paginator("filter_log_events").paginate(**query)
            return [event for page in pages for event in page.get("events", [])]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return []  # the function was never called
            raise Failure(f"the log of {function} cannot be read: {error}") from error


class ColdStarts:
    """Tells cold starts from calls of warm processes, by the lines in text that Lambda writes around a call.

    With logs in JSON, as on AWS, Lambda writes none of these, and nothing is known.
    """

    def __init__(self) -> None:
        self._cold: dict[str, bool] = {}

    def cold(self, event: dict[str, Any]) -> bool | None:
        """Whether the call that wrote the event, the next one of its stream, is a cold start."""
        stream, text = event["logStreamName"], event["message"]
        if text.startswith("INIT_START"):
            self._cold[stream] = True
        elif text.startswith("START RequestId:"):
            self._cold.setdefault(stream, False)
        elif text.startswith("REPORT RequestId:"):
            self._cold.pop(stream, None)  # a local cloud has a stream for each call
        return self._cold.get(stream)


def parse(function: str, event: dict[str, Any]) -> LogLine | None:
    """A log event as a line; None for metrics and the routine of Lambda itself."""
    text = event["message"].strip()
    if not text or (text.startswith(_ROUTINE) and not _FAILED_REPORT.match(text)):
        return None
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    content = _json(text)
    if content is None:
        return LogLine(at, function, _level_of(text), text)
    if "_aws" in content:
        return None
    if "type" in content and "record" in content:
        return _platform_line(at, function, str(content["type"]), _mapping(content["record"]))
    known = ("timestamp", "level", "service", "correlation_id", "message")
    return LogLine(
        at=_moment(content.get("timestamp")) or at,
        function=function,
        level=str(content.get("level", "INFO")),
        message=_message(content) or text,
        correlation_id=content.get("correlation_id"),
        fields={name: value for name, value in content.items() if name not in known},
    )


def chosen_functions(target: Target, name: str) -> list[str]:
    """The functions with this (part of a) name; all of them if it is empty."""
    functions = sorted(target.outputs["function_names"])
    wanted = name.replace("-", "_")
    chosen = [function for function in functions if wanted in function]
    # A complete name selects only that function.
    if wanted in chosen:
        return [wanted]
    if not chosen:
        raise Failure(f"there is no function {wanted}: FN is (part of) one of {', '.join(functions)}")
    return chosen


def one_function(target: Target, name: str) -> str:
    """The function with this (part of a) name. A Failure if there is none, or more than one."""
    found = chosen_functions(target, name)
    if len(found) > 1:
        raise Failure(f"FN={name or '…'} names several functions: it is one of {', '.join(found)}")
    return found[0]


def ago(period: str) -> datetime:
    """The moment before a period such as 30s, 15m, 2h, 1d."""
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise Failure(f"{period!r} is not a period: set SINCE to a number with s, m, h or d, such as 15m")
    try:
        return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
    except (OverflowError, ValueError) as error:  # the second of more digits than Python reads
        raise Failure(f"{period!r} reaches back before the year 1: set SINCE to less, such as 15m") from error


def about(lines: Iterable[LogLine], *, task_id: str = "", correlation_id: str = "") -> Iterator[LogLine]:
    """The lines of a task, of a correlation id, of both; without either, all."""
    for line in lines:
        if task_id in ("", line.task_id) and correlation_id in ("", line.correlation_id):
            yield line


def _platform_line(at: datetime, function: str, kind: str, record: dict[str, Any]) -> LogLine | None:
    """A line of Lambda itself in JSON; None for the report of a success.

    Of a time-out or a crash it is the only trace: the function could write nothing.
    """
    status = record.get("status")
    if status in FAILURES:
        return LogLine(at, function, "ERROR", f"{kind}: {status}", fields=record)
    return None if status == "success" else LogLine(at, function, "WARNING", kind, fields=record)


def _message(content: dict[str, Any]) -> str | None:
    """Our own message, or that of an exception which Lambda's runtime logged."""
    if "errorMessage" in content and "message" not in content:
        return f"{content.get('errorType') or 'error'}: {content['errorMessage']}"
    return str(content["message"]) if "message" in content else None


def _json(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _mapping(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {"record": content}


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _level_of(text: str) -> str:
    """The level of a line in text. A time-out had its own line until mid-2026; now its report."""
    signs = ("Task timed out", "[ERROR]", "Traceback")
    return "ERROR" if _FAILED_REPORT.match(text) or any(sign in text for sign in signs) else "INFO"
