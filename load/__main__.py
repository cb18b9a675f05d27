"""The load tests' command: `python -m load …`, behind `make load` and `make load-ui`."""

import re
from typing import Annotated

import typer

from load.conductor import Plan
from load.settings import MAX_SECONDS, MAX_USERS
from load.shapes import DEFAULT_SECONDS, SHAPES
from scripts.base.command import run_application
from scripts.base.failure import Failure

SHORTEST_SECONDS = 10
MAX_WORKERS = 16
WEB_PORT = 8089
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}

NAME = "python -m load"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def duration(text: str) -> int | None:
    """Seconds of `90`, `90s`, `5m`, `1h`; None of nothing."""
    if not text:
        return None
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    seconds = int(match[1]) * UNITS[match[2]] if match else 0
    if not SHORTEST_SECONDS <= seconds <= MAX_SECONDS:
        limits = f"{SHORTEST_SECONDS}s to {MAX_SECONDS // 3600}h"
        raise typer.BadParameter(f"{text!r} is not a duration from {limits}, such as 90s or 5m")
    return seconds


def shape_of(text: str) -> str:
    """The name of a shape."""
    if text not in SHAPES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(SHAPES)}")
    return text


@app.command()
def load(
    users: Annotated[int, typer.Option(min=1, max=MAX_USERS, help="users at the same time")] = 10,
    length: Annotated[
        int | None, typer.Option("--duration", parser=duration, help="such as 90s or 5m")
    ] = None,
    shape: Annotated[str, typer.Option(parser=shape_of, help="smoke, steady, spike or soak")] = "steady",
    workers: Annotated[int, typer.Option(min=0, max=MAX_WORKERS, help="containers, on LocalStack only")] = 0,
    ui: Annotated[bool, typer.Option(help="control the run from Locust's page")] = False,
    env: Annotated[str, typer.Option(help="leave out: only the local cloud can be load-tested")] = "",
) -> int:
    """Put the running local cloud under load; fail if a threshold is missed or an event is lost."""
    from load.run import run

    if env not in ("", "local"):
        raise Failure("only the local cloud can be load-tested: leave ENV out")
    if ui:
        return run(Plan("", users, MAX_SECONDS, web_port=WEB_PORT))
    return run(Plan(shape, users, length or DEFAULT_SECONDS[shape], workers))


if __name__ == "__main__":
    run_application(app, NAME)
