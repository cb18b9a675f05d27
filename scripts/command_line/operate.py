"""Commands for a deployment that runs, locally or on AWS."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from scripts.base.files import named_path
from scripts.command_line.options import (
    HIGHEST_PORT,
    LOWEST_PORT,
    CorrelationId,
    Environment,
    Since,
    Task,
    Wait,
    moment,
    parsed,
)

app = typer.Typer()

TaskToDecide = Annotated[str, typer.Option("--task", help="its id, as `approvals` lists it")]
Version = Annotated[int | None, typer.Option(min=1, help="version to decide on; the newest")]
Reason = Annotated[str, typer.Option(help="why")]
Approver = Annotated[str, typer.Option(help="who decides; this machine's user")]
From = Annotated[
    datetime,
    typer.Option("--from", parser=parsed(moment), metavar="TIME", help="such as 2026-01-31T12:00:00Z"),
]
To = Annotated[
    datetime | None, typer.Option("--to", parser=parsed(moment), metavar="TIME", help="now, by default")
]
File = Annotated[Path | None, typer.Option(parser=parsed(named_path), metavar="FILE", help="an export")]


@app.command()
def demo(
    env: Environment = "",
    chapter: Annotated[
        Literal["life", "faults"], typer.Option(help="a task's life, or a reaction that fails for a while")
    ] = "life",
) -> None:
    """Show one task's life, step by step."""
    from scripts.operators.demo import demo

    demo(env, chapter)


@app.command()
def invoke(
    fn: Annotated[str, typer.Option(help="a function, or part of its name")],
    env: Environment = "",
    event: Annotated[str, typer.Option(help="a sample's name such as TaskCreated, or a JSON file")] = "",
    task: Task = "",
) -> int:
    """Call one function with a sample or a real task, as its trigger would."""
    from scripts.operators.invoke import invoke

    return invoke(fn, event, task, env)


@app.command()
def seed(
    n: Annotated[int, typer.Option(min=1, max=100_000, help="tasks")] = 1000,
    users: Annotated[int, typer.Option(min=1, max=1000, help="their owners")] = 20,
    env: Environment = "",
) -> None:
    """Create believable tasks in all statuses, through the API."""
    from scripts.operators.seed import seed

    seed(n, users, env)


@app.command()
def logs(
    env: Environment = "",
    fn: Annotated[str, typer.Option(help="a function, or part of its name")] = "",
    task: Task = "",
    correlation_id: CorrelationId = "",
    since: Since = None,
    follow: Annotated[bool, typer.Option(help="follow until Ctrl-C")] = True,
) -> None:
    """Show the logs of all functions, merged."""
    from scripts.operators.logs import logs

    logs(fn, task, correlation_id, since, env, follow=follow)


@app.command()
def trace(
    env: Environment = "",
    task: Task = "",
    correlation_id: CorrelationId = "",
    since: Since = None,
    form: Annotated[
        Literal["tree", "otlp"], typer.Option("--format", help="a tree to read, or OpenTelemetry's JSON")
    ] = "tree",
    otlp: Annotated[
        str, typer.Option(metavar="URL", help="an OpenTelemetry collector that gets it instead")
    ] = "",
) -> None:
    """Trace everything that followed from a request, or a task's whole life."""
    from scripts.operators.trace import trace

    trace(correlation_id, task, since, env, form, otlp)


@app.command()
def console(
    env: Environment = "",
    port: Annotated[
        int | None, typer.Option(min=LOWEST_PORT, max=HIGHEST_PORT, help="its port; any, by default")
    ] = None,
) -> None:
    """Serve a page that shows what happens, and on a local cloud acts on it."""
    from scripts.console.command import console

    console(env, port)


@app.command()
def events(env: Environment = "") -> None:
    """Follow the event bus."""
    from scripts.operators.events import follow

    follow(env)


@app.command()
def token(
    env: Environment = "",
    sub: Annotated[str, typer.Option(help="the user; this machine's")] = "",
    scopes: Annotated[str, typer.Option(help="some of read, write, approve, admin")] = "read write",
) -> None:
    """Print a token for the API."""
    from scripts.deployments.token import print_token

    print_token(sub, scopes, env)


@app.command()
def approvals(env: Environment = "") -> None:
    """List the tasks that wait for an approval."""
    from scripts.operators.approvals import list_waiting

    list_waiting(env)


@app.command()
def approve(
    task: TaskToDecide,
    env: Environment = "",
    version: Version = None,
    reason: Reason = "",
    approver: Approver = "",
) -> None:
    """Approve a task."""
    from scripts.operators.approvals import decide_on

    decide_on(task, "approve", version, reason, approver, env)


@app.command()
def reject(
    task: TaskToDecide,
    env: Environment = "",
    version: Version = None,
    reason: Reason = "",
    approver: Approver = "",
) -> None:
    """Reject a task."""
    from scripts.operators.approvals import decide_on

    decide_on(task, "reject", version, reason, approver, env)


@app.command("dead-letters")
def dead_letters(env: Environment = "") -> None:
    """List the dead letters with their reasons."""
    from scripts.operators.dead_letters import show

    show(env)


@app.command()
def redrive(
    env: Environment = "", queue: Annotated[str, typer.Option(help="one queue; all, by default")] = ""
) -> None:
    """Move dead letters back to their queues."""
    from scripts.operators.redrive import redrive_all

    redrive_all(queue, env)


@app.command()
def export(
    file: Annotated[Path, typer.Option(parser=parsed(named_path), metavar="FILE", help="the file to write")],
    env: Environment = "",
    table: Annotated[str, typer.Option(help="a restored table to read instead")] = "",
) -> None:
    """Write the tasks to a file."""
    from scripts.operators.restore import export_to

    export_to(file, env, table or None)


@app.command()
def restore(since: From, env: Environment = "", file: File = None, wait: Wait = True) -> None:
    """Restore the tasks from the archived events, and from an export."""
    from scripts.operators.restore import restore_from

    restore_from(since, env, file, wait=wait)


@app.command()
def backfill(
    env: Environment = "",
    rate: Annotated[int, typer.Option(min=1, max=1000, help="tasks a second, at most")] = 50,
    after: Annotated[str, typer.Option(help="the task after which an interrupted run goes on")] = "",
) -> None:
    """Write the fields that stored tasks lack, while the table is in use."""
    from scripts.operators.backfill import backfill_tasks

    backfill_tasks(rate, after, env)


@app.command()
def replay(
    since: From,
    to: To = None,
    env: Environment = "",
    consumer: Annotated[str, typer.Option(help="one queue; all, by default")] = "",
    wait: Wait = True,
) -> None:
    """Deliver archived events again."""
    from scripts.operators.replay import replay

    replay(since, to, consumer or None, env, wait=wait)


@app.command()
def verify(
    env: Environment = "",
    only: Annotated[str, typer.Option(help="some of the sections, such as events,rights")] = "",
    wait: Annotated[float, typer.Option(min=1, help="seconds that the first event may take")] = 300,
) -> int:
    """Check a deployment as its clients and operators use it."""
    from scripts.operators.verify import verify_deployment

    return verify_deployment(env, only, wait)
