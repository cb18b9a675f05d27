"""A run from beginning to end: warm up, run Locust, reconcile writes with events, judge."""

import json
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from clients.python.task_manager_client import AuthenticatedClient
from clients.python.task_manager_client.api.statistics import get_user_statistics
from clients.python.task_manager_client.models import UserStatistics
from load import process
from load.books import Books, Totals, imbalances
from load.bus import Receiver
from load.settings import Settings, is_local, not_local
from load.thresholds import Figures, Limits, violations
from load.warm_up import client_of, warm_up
from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.base.waiting import until
from scripts.deployments.target import Target
from scripts.operators.queues import depth
from scripts.operators.tap import tap

BALANCE_SECONDS = 180.0
POLL_SECONDS = 0.5
CALLERS = 4


@dataclass(frozen=True)
class Plan:
    """What to run. Workers: how many containers, 0 for none; web_port: of Locust's page, if wanted."""

    shape: str
    users: int
    seconds: int
    workers: int = 0
    web_port: int | None = None


@dataclass(frozen=True)
class Result:
    """The result of a run, which passed if nothing is wrong."""

    figures: Figures
    calls: list[dict[str, Any]]
    lags: list[float]
    books: Books
    counted: dict[str, Totals]
    wrong: list[str]

    def lag(self, percent: int) -> float:
        """A percentile of the event lags, in milliseconds."""
        return quantiles(self.lags, n=100, method="inclusive")[percent - 1] if len(self.lags) > 1 else 0.0


def conduct(target: Target, plan: Plan, limits: Limits, folder: Path, steps: Steps) -> Result:
    """Run the plan against a local cloud. Files of the run end up in the folder, which is emptied first."""
    api_url = str(target.outputs["api_url"])
    if not is_local(api_url):
        raise Failure(not_local(api_url))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = Settings(uuid.uuid4().hex[:8], plan.shape, plan.users, plan.seconds, folder)
    books = Books(settings.user_prefix)
    before = _dead_letters(target)
    with tap(target) as bus, Receiver(bus, books, folder) as receiver:
        with steps.step("Warm-up: a call to each function"):
            warm_up(api_url, books)
        receiver.clear_lags()
        _play(api_url, plan, settings, folder, steps, receiver)
        with steps.step("Reconciliation: waiting for outstanding events") as update:
            books.read(folder)
            _await(books, receiver, target, update)
            counted = _await_counted(api_url, books)
    after = _dead_letters(target)
    new = {queue: after[queue] - before[queue] for queue in after}
    kept = json.loads((folder / "figures.json").read_text())
    lags = receiver.lags
    result = Result(Figures(**kept["figures"]), kept["calls"], lags, books, counted, [])
    figures = replace(result.figures, lag_p95_ms=result.lag(95)) if lags else result.figures
    wrong = violations(figures, limits) + imbalances(books, counted, new)
    return replace(result, figures=figures, wrong=wrong)


def _play(
    api_url: str, plan: Plan, settings: Settings, folder: Path, steps: Steps, receiver: Receiver
) -> None:
    """Run Locust. A receiver that fails ends it at its next line of progress: no event would be known."""

    def watched(update: Callable[[str], None], line: str) -> None:
        receiver.require()
        update(line)

    variables = {
        "LOAD_RUN": settings.run,
        "LOAD_SHAPE": plan.shape,
        "LOAD_USERS": str(plan.users),
        "LOAD_SECONDS": str(plan.seconds),
        "LOAD_FOLDER": str(folder),
    }
    log = folder / "locust.log"
    if plan.web_port is not None:
        command = process.local_command(api_url, folder, plan.users, plan.web_port)
        steps.say(f"Locust's page: http://127.0.0.1:{plan.web_port} (Ctrl-C stops the run and reconciles it)")
        process.run(command, variables, log, partial(watched, steps.say), None)
    else:
        with steps.step(f"Locust: {plan.shape}, {plan.users} users, {plan.seconds} s") as update:
            if plan.workers:
                _play_in_containers(api_url, plan, variables, folder, partial(watched, update))
            else:
                command = process.local_command(api_url, folder, plan.users, None)
                process.run(command, variables, log, partial(watched, update), plan.seconds)
    process.require_figures(folder, log)


def _play_in_containers(
    api_url: str, plan: Plan, variables: dict[str, str], folder: Path, update: Callable[[str], None]
) -> None:
    process.install_libraries()
    process.remove_containers()
    try:
        process.run(
            process.compose_command(plan.workers),
            {**variables, **process.compose_variables(api_url, folder, plan.workers)},
            folder / "locust.log",
            update,
            plan.seconds + process.WORKERS_WAIT_SECONDS,
        )
    finally:
        process.remove_containers()


def _await(books: Books, receiver: Receiver, target: Target, update: Callable[[str], None]) -> None:
    """Wait until every event was received and every queue is empty, or time is up."""
    sqs = target.client("sqs")

    def settled() -> bool:
        receiver.require()
        waiting = sum(depth(sqs, url) for url in target.outputs["queue_urls"].values())
        update(f"{len(books.lost)} events not received, {waiting} messages in queues")
        return not (books.lost or waiting)

    until(settled, seconds=BALANCE_SECONDS, poll=POLL_SECONDS)


def _await_counted(api_url: str, books: Books) -> dict[str, Totals]:
    """The statistics, as soon as they are as expected, or when time is up."""
    with client_of(api_url) as client:
        return until(
            lambda: _counted(client, list(books.totals())),
            lambda counted: counted == books.totals(),
            seconds=BALANCE_SECONDS / 3,
            poll=POLL_SECONDS,
        )


def _counted(client: AuthenticatedClient, users: list[str]) -> dict[str, Totals]:
    def totals(user: str) -> Totals | None:
        found = get_user_statistics.sync(user, client=client)
        if not isinstance(found, UserStatistics):  # throttled, or failing: the next round asks again
            return None
        return found.created or 0, found.completed or 0

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = zip(users, pool.map(totals, users), strict=True)
        return {user: found for user, found in answers if found is not None}


def _dead_letters(target: Target) -> dict[str, int]:
    sqs = target.client("sqs")
    return {queue: depth(sqs, url) for queue, url in target.outputs["dead_letter_queue_urls"].items()}
