"""Whether a call was the first of its process."""

from datetime import UTC, datetime, timedelta

from scripts.console.subject import Subject
from scripts.operators.log_lines import LogLine

# Times of log events are whole milliseconds; those of lines are reckoned from their durations.
SLACK = timedelta(milliseconds=5)


def is_cold(subject: Subject, line: LogLine) -> bool | None:
    """Whether a cold start; None where that cannot be known: LocalStack writes no line about it.

    On AWS each process has a log stream, whose first event was written by its first call.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    """
    if subject.cloud != "aws":
        return line.cold if subject.cloud == "embedded" else None
    if not line.stream:
        return None
    first = subject.remembered(f"stream {line.stream}", lambda: _first_event(subject, line))
    return first is not None and line.at - line.duration - SLACK <= first <= line.at + SLACK


def _first_event(subject: Subject, line: LogLine) -> datetime | None:
    group = f"/aws/lambda/{subject.target.outputs['function_names'][line.function]}"
    pages = (
        subject.target.client("logs")
        .get_paginator("describe_log_streams")
        .paginate(logGroupName=group, logStreamNamePrefix=line.stream)
    )
    times = [stream.get("firstEventTimestamp") for page in pages for stream in page["logStreams"]]
    return datetime.fromtimestamp(times[0] / 1000, UTC) if times and times[0] else None
