"""The entry point of functions that a table's stream calls."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.composition import Compose, Services, Use, start

Record = Any
"""A record of the stream as it came: a mapping if it is sound."""

Handler = Callable[[Mapping[str, Any], object], None]


def stream(
    work: Callable[[list[Record], Services], None], *, uses: Iterable[Use] = (), compose: Compose = start
) -> Handler:
    """The Lambda handler of a stream. An exception makes the stream retry the whole batch."""
    services = compose(work, uses)

    def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda hands it over
        work(list(event["Records"]), services)

    return handler


def record_id(record: Record) -> str | None:
    """The record's id, to find it by in the log."""
    return record.get("eventID") if isinstance(record, Mapping) else None
