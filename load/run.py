"""`make load` and `make load-ui`: put the running local cloud under load, and balance the books after."""

import argparse
import json
import re
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from load.conductor import Plan, Result, conduct
from load.settings import MAX_SECONDS, MAX_USERS
from load.shapes import DEFAULT_SECONDS, SHAPES
from load.thresholds import Limits
from scripts.base.failure import Failure, run_command
from scripts.base.paths import ROOT
from scripts.base.progress import Steps
from scripts.deployments.show import running_deployment
from scripts.deployments.target import LOCAL, chosen_target

FOLDER = ROOT / "build/load"
DEFAULT_USERS = 10
MAX_WORKERS = 16
WEB_PORT = 8089
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def main() -> int:
    """Exit 0 if every threshold was kept and the books balance, else 1."""
    plan = read_plan()
    if plan.workers and (cloud := running_deployment().cloud) != "localstack":
        raise Failure(
            f"workers in containers reach LocalStack alone, not the {cloud} cloud: leave WORKERS out"
        )
    steps = Steps()
    result = conduct(chosen_target(), plan, Limits.read(), FOLDER, steps)
    show(result, Console(highlight=False))
    summary = {
        "plan": asdict(plan),
        "figures": asdict(result.figures),
        "lag_ms": {f"p{percent}": round(result.lag(percent)) for percent in (50, 95, 99)},
        "wrong": result.wrong,
    }
    (FOLDER / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return 1 if result.wrong else 0


def read_plan(arguments: list[str] | None = None) -> Plan:
    """What was asked for; empty is the default, as make passes what is not set."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("users", "duration", "shape", "workers"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--env", default="")
    parser.add_argument("--ui", action="store_true", help="with Locust's page, which then decides")
    asked = parser.parse_args(arguments)
    if asked.env not in ("", LOCAL):
        raise Failure("only a local cloud is put under load: leave ENV out")
    shape = asked.shape or "steady"
    if shape not in SHAPES:
        raise Failure(f"there is no shape {shape!r}: SHAPE is one of {', '.join(SHAPES)}")
    seconds = duration(asked.duration) if asked.duration else DEFAULT_SECONDS[shape]
    users = _number("USERS", asked.users, DEFAULT_USERS, MAX_USERS)
    workers = _number("WORKERS", asked.workers, 0, MAX_WORKERS)
    if asked.ui:
        return Plan("", users, MAX_SECONDS, web_port=WEB_PORT)
    return Plan(shape, users, seconds, workers)


def duration(text: str) -> int:
    """Seconds of `90`, `90s`, `5m`, `1h`."""
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    seconds = int(match[1]) * UNITS[match[2]] if match else 0
    if not 10 <= seconds <= MAX_SECONDS:
        raise Failure(
            f"{text!r} is no duration: DURATION is from 10s to {MAX_SECONDS // 3600}h, such as 90s or 5m"
        )
    return seconds


def show(result: Result, console: Console) -> None:
    """Tables of the calls and of the books."""
    table = Table("call", *("requests", "failed", "p50 ms", "p95 ms", "p99 ms"), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for call in result.calls:
        name = (
            call["name"]
            if call["type"] not in ("THROTTLED", "EVENT")
            else f"{call['type'].lower()} {call['name']}"
        )
        if call["type"] != "EVENT":
            numbers = (call["requests"], call["failures"], call["p50"], call["p95"], call["p99"])
            table.add_row(name, *(f"{number:.0f}" for number in numbers))
    now = result.figures
    table.add_section()
    latencies = (f"{value:.0f}" for value in (now.p50_ms, now.p95_ms, now.p99_ms))
    table.add_row("all", str(now.requests), str(now.errors), *latencies)
    lags = (f"{result.lag(percent):.0f}" for percent in (50, 95, 99))
    table.add_row("event lag, write → seen on the bus", str(len(result.lags)), "", *lags)
    console.print(table)
    console.print(f"\n{now.requests_per_second:.1f} requests/s, {now.throttled} throttled and tried again")
    console.print(describe_books(result), soft_wrap=True)
    for sentence in result.wrong:
        console.print(f"✗ {sentence}", style="red", markup=False, soft_wrap=True)
    if not result.wrong:
        console.print("✓ The books balance, and every threshold was kept.", style="green")
    console.print(f"Report: {(FOLDER / 'report.html').relative_to(ROOT)}, figures beside it.")


def describe_books(result: Result) -> str:
    """Written, heard, counted, in a line."""
    books = result.books
    written = sum(key[0] == "TaskCreated" for key in books.written)
    heard = sum(key[0] == "TaskCreated" for key in books.heard)
    counted = sum(created for created, _ in result.counted.values())
    return (
        f"Books of {len(books.totals())} users: {written} tasks written, {heard} heard of, "
        f"{counted} counted; "
        f"{len(books.written)} events due, {len(books.heard)} heard, {books.repeats} twice; "
        f"{sum(map(len, books.doubts.values()))} writes in doubt"
    )


def _number(name: str, text: str, default: int, most: int) -> int:
    if not text:
        return default
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise Failure(f"{text!r} does not do: {name} is a number from 1 to {most}")
    return int(text)


if __name__ == "__main__":
    run_command(main)
