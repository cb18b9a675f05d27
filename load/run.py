"""`make load` and `make load-ui`: put the local cloud under load, then reconcile writes with events."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from load.conductor import Plan, Result, conduct
from load.thresholds import Limits
from scripts.base.failure import Failure
from scripts.base.locks import alone
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.base.progress import Steps
from scripts.deployments.record import running_stack
from scripts.deployments.target import chosen_target

FOLDER = ROOT / "build/load"
LOCK = WORK_FOLDER / "load/run.lock"


def run(plan: Plan) -> int:
    """Run the plan on the local cloud; 0 if every threshold was kept and nothing was lost, else 1.

    Raises Failure while another run writes into the folder.
    """
    if plan.workers and (cloud := running_stack().cloud) != "localstack":
        raise Failure(
            f"workers in containers reach only LocalStack, not the {cloud} cloud: leave WORKERS out"
        )
    with alone(LOCK, "another load test"):
        result = conduct(chosen_target(), plan, Limits.read(), FOLDER, Steps())
        show(result, Console(highlight=False))
        summary = {
            "plan": asdict(plan),
            "figures": asdict(result.figures),
            "lag_ms": {f"p{percent}": round(result.lag(percent)) for percent in (50, 95, 99)},
            "wrong": result.wrong,
        }
        (FOLDER / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return 1 if result.wrong else 0


def show(result: Result, console: Console) -> None:
    """Print the calls and the reconciliation as tables."""
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
    console.print(f"\n{now.requests_per_second:.1f} requests/s, {now.throttled} throttled and retried")
    console.print(describe_books(result), soft_wrap=True)
    for sentence in result.wrong:
        console.print(f"✗ {sentence}", style="red", markup=False, soft_wrap=True)
    if not result.wrong:
        console.print("✓ Writes, events and statistics agree, and every threshold was met.", style="green")
    console.print(f"Report: {(FOLDER / 'report.html').relative_to(ROOT)}; figures in that folder.")


def describe_books(result: Result) -> str:
    """Tasks written, received as events, and counted, in a line."""
    books = result.books
    written = sum(key[0] == "TaskCreated" for key in books.written)
    received = sum(key[0] == "TaskCreated" for key in books.received)
    counted = sum(created for created, _ in result.counted.values())
    return (
        f"Reconciled {len(books.totals())} users: {written} tasks written, {received} received as events, "
        f"{counted} counted; "
        f"{len(books.written)} events expected, {len(books.received)} received, {books.repeats} repeated; "
        f"{sum(map(len, books.doubts.values()))} writes in doubt"
    )
