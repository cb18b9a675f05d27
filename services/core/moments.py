"""Points in time, as the API and the events write them: RFC 3339, UTC, milliseconds, `Z`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
# In JSON Schema \d is ten digits; here it would be the digits of every script, which take long to compile.
_PATTERN = TIMESTAMP_PATTERN.replace(r"\d", "[0-9]")


def _is_moment(text: str) -> str:
    """Refuses what has the form but is no moment: the 30th of February."""
    datetime.fromisoformat(text)
    return text


# A string, not a datetime: it sorts as it stands, and neither storage nor JSON has to convert it.
Timestamp = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    Field(json_schema_extra={"pattern": TIMESTAMP_PATTERN}),
    AfterValidator(_is_moment),
]

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware. The one seam for time: tests hand in their own."""


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """`moment` (timezone-aware) as 2026-01-31T12:00:00.000Z; finer parts are cut off, not rounded."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> datetime:
    """The moment that `timestamp` wrote. Raises ValueError for anything else."""
    return datetime.fromisoformat(text)


def seconds_between(start: str, end: str) -> float:
    """Seconds from `start` to `end`, both timestamps; negative when `end` is the earlier."""
    return (parse_timestamp(end) - parse_timestamp(start)).total_seconds()


def epoch_seconds(moment: datetime) -> int:
    """Whole seconds since 1970-01-01 UTC: the unit of DynamoDB's time to live."""
    return int(moment.timestamp())
