"""`make status`: one screen: addresses, functions, queues, dead letters, approvals, last errors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.base.paths import WORK_FOLDER
from scripts.clouds.choice import started
from scripts.clouds.dev.session import tree_in_use
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.target import LOCAL, Target, chosen_target
from scripts.operators.faults import STOPPED, all_faults, stopped_deliveries
from scripts.operators.log_lines import LogLine, LogReader
from scripts.operators.logs import as_text
from scripts.operators.queues import depth
from services.adapters.dynamodb.task_table import TaskTable
from services.core.status import Status

# As many as the connections that a client keeps open.
ASKERS = 10
ERRORS_SINCE = timedelta(hours=1)
SHOWN_ERRORS = 5

Answer = TypeVar("Answer")


def status(environment: str = "") -> int:
    """`make status`: show the local cloud, or a deployment on AWS; 1 if the cloud does not answer."""
    console = Console(highlight=False)
    environment = environment or LOCAL
    if environment == LOCAL and not _show_cloud(console):
        return 0 if not started(WORK_FOLDER) else 1
    target = chosen_target(environment)
    outputs = target.outputs
    if environment != LOCAL:
        _say(console, "environment", environment)
    _say(console, "API", outputs["api_url"])
    with ThreadPoolExecutor(1) as aside:  # the logs take longest
        errors = aside.submit(last_errors, target)
        versions = function_versions(target)
        _say(console, "functions", f"{len(versions)}, version {', '.join(sorted(set(versions.values())))}")
        console.print(_functions(versions))
        if environment == LOCAL:
            for name, faults in all_faults(target).items():
                _say(console, "broken", f"{name}: {'; '.join(faults)}: make mend")
            for queue in stopped_deliveries(target):
                _say(console, "broken", f"{queue}: {STOPPED}: make mend")
        console.print(_queues(target))
        waiting = pending_approvals(target)
        _say(console, "approvals", f"{waiting} waiting" + (": make approvals" if waiting else ""))
        _show_errors(console, errors.result())
    return 0


def function_versions(target: Target) -> dict[str, str]:
    """Function → the version that is called, or `missing`."""
    functions = target.client("lambda")

    def version(name: str) -> str:
        try:
            return str(functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"])
        except functions.exceptions.ResourceNotFoundException:  # a throttle, say, proves nothing
            return "missing"

    names = target.outputs["function_names"]
    return dict(zip(names, _all(version, list(names.values())), strict=True))


def queue_depths(target: Target, urls: dict[str, str]) -> dict[str, int]:
    """Queue → its messages, those being worked on among them."""
    sqs = target.client("sqs")
    depths = _all(lambda url: depth(sqs, url), list(urls.values()))
    return dict(zip(urls, depths, strict=True))


def pending_approvals(target: Target) -> int:
    """How many tasks wait for a decision."""
    shards = int(target.setting("list_tasks", "STATUS_SHARDS"))
    table = TaskTable(target.client("dynamodb"), target.outputs["table_names"]["tasks"], shards)
    return table.count(Status.PENDING_APPROVAL)


def last_errors(target: Target) -> list[LogLine]:
    """What functions logged as errors lately, in the order of time."""
    reader = LogReader(target, sorted(target.outputs["function_names"]))
    since = datetime.now(UTC) - ERRORS_SINCE
    # One query for each text: local clouds have no "or" in patterns. The second is in lines on time-outs.
    lines = [line for text in ("ERROR", "platform.report") for line in reader.read(since, containing=text)]
    errors = (line for line in lines if line.level in ("ERROR", "CRITICAL"))
    return sorted(errors, key=lambda line: line.at)


def _show_cloud(console: Console) -> bool:
    """Show which local cloud is up; whether it answers."""
    clouds = started(WORK_FOLDER)
    if not clouds:
        console.print("No local cloud is up: run `make up`.")
        return False
    cloud = clouds[0]
    healthy = cloud.healthy() and cloud.instance is not None
    mend = (
        "not answering: `make up` restarts it"
        if cloud.is_ours
        else "not answering, or restarted empty: `make up CLOUD=endpoint` deploys to it again once it answers"
    )
    _say(console, "cloud", f"{cloud.name}, {'healthy' if healthy else mend}")
    _say(console, "endpoint", cloud.endpoint)
    if tree := tree_in_use(WORK_FOLDER / "embedded-cloud"):
        _say(console, "dev", f"functions run {tree}/services, not the deployed package, while make dev runs")
    return healthy


def _functions(versions: dict[str, str]) -> str:
    """Three in a line, each with its version."""
    cells = [f"{name.replace('_', '-'):<21}{version:<4}" for name, version in sorted(versions.items())]
    return "\n".join(f"  {''.join(cells[first : first + 3])}" for first in range(0, len(cells), 3))


def _queues(target: Target) -> Table:
    waiting = queue_depths(target, target.outputs["queue_urls"])
    dead = queue_depths(target, target.outputs["dead_letter_queue_urls"])
    table = Table("queue", "waiting", "dead letters", box=None, padding=(0, 3, 0, 0), header_style="bold")
    for name in sorted(waiting | dead):
        letters = Text(str(dead[name]), style="bold red" if dead[name] else "") if name in dead else ""
        table.add_row(name, str(waiting.get(name, "")), letters)
    return table


def _show_errors(console: Console, errors: list[LogLine]) -> None:
    if not errors:
        _say(console, "errors", "none in the last hour")
        return
    _say(console, "errors", f"{len(errors)} in the last hour; the newest (all: make logs SINCE=1h):")
    for line in errors[-SHOWN_ERRORS:]:
        # Only the first line, to fit one screen: the log has the tracebacks.
        console.print(Text("  ") + as_text(line).split("\n")[0], soft_wrap=True)


def _say(console: Console, what: str, text: Any) -> None:
    console.print(Text.assemble((f"{what:<13}", "bold"), str(text)), soft_wrap=True)


def _all(ask: Callable[[str], Answer], subjects: list[str]) -> list[Answer]:
    with ThreadPoolExecutor(ASKERS) as pool:
        return list(pool.map(ask, subjects))
