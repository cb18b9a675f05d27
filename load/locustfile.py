"""Locust's way in: `locust --locustfile load/locustfile.py`, alone, as master or as worker."""

import json
import sys
import time
from dataclasses import asdict
from typing import Any

import gevent
from locust import LoadTestShape, events
from locust.env import Environment
from locust.rpc import Message
from locust.runners import (
    STATE_CLEANUP,
    STATE_INIT,
    STATE_STOPPED,
    STATE_STOPPING,
    MasterRunner,
    Runner,
    WorkerRunner,
)

from load.figures import EVENT, LAG, figures_of, rows_of
from load.journeys import VERDICT_SECONDS, TaskUser
from load.lags import LagFile
from load.settings import MAX_REQUESTS, MAX_SECONDS, MAX_USERS, Settings, is_local, not_local
from load.shapes import stages, users_at
from load.thresholds import Limits, violations

LEDGER = "ledger"
FLUSH_SECONDS = 1.0
PROGRESS_SECONDS = 5.0
IDLE = (STATE_INIT, STATE_STOPPING, STATE_STOPPED, STATE_CLEANUP)

SETTINGS = Settings.read()
# At the start: a run should not end with a limit that cannot be read.
LIMITS = Limits.read()
TaskUser.prefix = SETTINGS.user_prefix

if SETTINGS.shape:

    class Shape(LoadTestShape):
        """The shape that was asked for; Locust takes whatever such class it finds here."""

        plan = stages(SETTINGS.shape, SETTINGS.users, SETTINGS.seconds)

        def tick(self) -> tuple[int, float] | None:
            """Users and spawn rate for now; None ends the run."""
            now = users_at(self.plan, self.get_run_time())
            if self.runner is not None and self.runner.stats.num_requests >= MAX_REQUESTS:
                now = None
            if now is None:
                end_users_of_workers(self.runner)
            return now


def end_users_of_workers(runner: Runner | None) -> None:
    """Have workers stop, and wait for it: a master that quits gives them half a second."""
    if isinstance(runner, MasterRunner):
        runner.stop()


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Refuse a host that is not local; then watch the run from the process that has all of its figures."""
    if environment.host is None or not is_local(environment.host):
        sys.exit(not_local(environment.host or "no host"))
    # Users finish their current step, so that every write gets its answer; a verdict takes longest.
    environment.stop_timeout = environment.stop_timeout or VERDICT_SECONDS + 5
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message(LEDGER, receive_last_entries)
    if not isinstance(environment.runner, WorkerRunner):
        gevent.spawn(_bound, environment)
        gevent.spawn(_tell, environment)
        if SETTINGS.folder:
            gevent.spawn(_record, environment, LagFile(SETTINGS.folder))


@events.report_to_master.add_listener
def send_ledger(data: dict[str, Any], **_: Any) -> None:
    """A worker's entries go along with its statistics."""
    data["ledger"] = TaskUser.ledger.take()


@events.worker_report.add_listener
def receive_ledger(data: dict[str, Any], **_: Any) -> None:
    """The entries of all workers end up in the master's file."""
    TaskUser.ledger.add(data["ledger"])


@events.test_stop.add_listener
def send_last_entries(environment: Environment, **_: Any) -> None:
    """The users of a worker have ended, and the master waits for no other report."""
    runner = environment.runner
    if not isinstance(runner, WorkerRunner):
        return
    runner.send_message(LEDGER, {"ledger": TaskUser.ledger.take()})
    if environment.parsed_options.headless:
        # The master sends "quit" only to workers that run: a stopped one would wait for it for a minute.
        gevent.spawn_later(FLUSH_SECONDS, runner.quit)


def receive_last_entries(msg: Message, **_: Any) -> None:
    """What a worker wrote between its last report and its end."""
    TaskUser.ledger.add(msg.data["ledger"])


@events.quitting.add_listener
def conclude(environment: Environment, **_: Any) -> None:
    """Keep the figures, and exit with 1 if a threshold was missed."""
    if isinstance(environment.runner, WorkerRunner):
        return
    end_users_of_workers(environment.runner)
    figures = figures_of(environment.stats)
    found = violations(figures, LIMITS)
    for sentence in found:
        print(f"✗ {sentence}")
    # Failures are allowed up to the limit, whereas Locust would exit 1 for a single one.
    environment.process_exit_code = 1 if found else 0
    if SETTINGS.folder:
        TaskUser.ledger.flush(SETTINGS.folder)
        kept = {"figures": asdict(figures), "calls": rows_of(environment.stats)}
        (SETTINGS.folder / "figures.json").write_text(json.dumps(kept, indent=2) + "\n")


def _record(environment: Environment, lags: LagFile) -> None:
    """Event lags into the statistics, and the ledger into its file."""
    assert SETTINGS.folder is not None  # noqa: S101 - else this is not started
    while True:
        for lag in lags.new():
            environment.events.request.fire(
                request_type=EVENT, name=LAG, response_time=lag, response_length=0, exception=None, context={}
            )
        TaskUser.ledger.flush(SETTINGS.folder)
        gevent.sleep(FLUSH_SECONDS)


def _bound(environment: Environment) -> None:
    """Stop a run that exceeds the limits, as it can when started from Locust's page."""
    runner = environment.runner
    assert runner is not None  # noqa: S101 - Locust has made it by now
    began = None
    while True:
        gevent.sleep(FLUSH_SECONDS)
        if runner.state in IDLE:
            began = None
            continue
        began = began or time.monotonic()
        too_long = time.monotonic() - began > MAX_SECONDS
        if too_long or runner.user_count > MAX_USERS or runner.stats.num_requests > MAX_REQUESTS:
            print(
                f"Ended: at most {MAX_USERS} users, {MAX_SECONDS} s and {MAX_REQUESTS} requests.", flush=True
            )
            runner.stop()


def _tell(environment: Environment) -> None:
    """A line now and then that says how it goes."""
    runner = environment.runner
    assert runner is not None  # noqa: S101 - Locust has made it by now
    began = time.monotonic()
    while True:
        gevent.sleep(PROGRESS_SECONDS)
        if runner.state in IDLE:
            began = time.monotonic()
            continue
        now = figures_of(environment.stats)
        workers = f" on {runner.worker_count} workers" if isinstance(runner, MasterRunner) else ""
        lag = "" if now.lag_p95_ms is None else f" · event lag p95 {now.lag_p95_ms:.0f} ms"
        print(
            f"{time.monotonic() - began:.0f} s: {runner.user_count} users{workers} · "
            f"{now.requests} requests, "
            f"{now.requests_per_second:.1f}/s · p95 {now.p95_ms:.0f} ms · {now.errors} errors · "
            f"{now.throttled} throttled{lag}",
            flush=True,
        )
