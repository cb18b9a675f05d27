"""Options that several commands take, and the parsers of their values."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from scripts.base.failure import Failure

Value = TypeVar("Value")
LOWEST_PORT, HIGHEST_PORT = 1024, 65535


def parsed(parse: Callable[[str], Value]) -> Callable[[str], Value | None]:
    """A parser for an option: empty text is no value, and a Failure is an error of that option."""

    def value_of(text: str) -> Value | None:
        try:
            return parse(text) if text else None
        except Failure as failure:
            raise typer.BadParameter(str(failure)) from failure

    return value_of


def moment(text: str) -> datetime:
    """A time as ISO 8601 has it, in UTC; UTC, too, where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError) as error:  # the first where UTC's year would be 0 or 10000
        raise Failure(f"{text!r} is not a time: write it as 2026-01-31T12:00:00Z") from error


def since(text: str) -> datetime:
    """The moment before a period such as 15m."""
    from scripts.operators.log_lines import ago

    return ago(text)


def seconds(text: str) -> float:
    """A time such as 2s or 300ms, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)?", text)
    if not found:
        raise Failure(f"{text!r} is not a time: write it as 2s or 300ms")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


Environment = Annotated[str, typer.Option("--env", help="dev, prod or pr-NUMBER; by default the local cloud")]
AwsEnvironment = Annotated[str, typer.Option("--env", help="dev, prod or pr-NUMBER")]
Task = Annotated[str, typer.Option("--task", help="a task's id")]
CorrelationId = Annotated[str, typer.Option("--id", help="the x-correlation-id of an answer")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", parser=parsed(since), metavar="PERIOD", help="such as 15m, 2h, 1d"),
]
Wait = Annotated[bool, typer.Option(help="wait until the archive is complete")]
