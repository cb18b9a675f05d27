"""Locust as a process: its input and its output."""

import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import httpx

from load.process import (
    local_command,
    run,
)
from scripts.base.loopback import http_client
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from tests.harness.fetching import skipped_without
from tests.harness.waiting import eventually


def test_progress_is_passed_on_and_everything_is_logged(tmp_path: Path) -> None:
    program = "print('5 s: 3 users · 8 requests'); print('else'); raise SystemExit(3)"
    told: list[str] = []

    code = run([sys.executable, "-c", program], {}, tmp_path / "log", told.append, 10)

    assert code == 3
    assert told == ["3 users · 8 requests"]
    assert (tmp_path / "log").read_text() == "5 s: 3 users · 8 requests\nelse\n"


def test_an_interrupted_run_is_terminated_and_its_last_output_logged(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"  # as for a shell's background jobs
        # Not by print: the signal may come while that is still writing the line before.
        "signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'last words\\n'), sys.exit(7)))\n"
        "print('1 s: begun', flush=True)\n"
        "time.sleep(60)"
    )

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    assert run([sys.executable, "-c", program], {}, tmp_path / "log", interrupt, 10) == 7
    assert (tmp_path / "log").read_text() == "1 s: begun\nlast words\n"


def test_a_host_elsewhere_that_locusts_page_sets_gets_no_user(tmp_path: Path) -> None:
    port, own = free_port(), {"PYTHONPATH": str(ROOT)}
    with skipped_without("Locust"):
        locust = local_command("http://127.0.0.1:9", tmp_path, 1, port)
    with (
        subprocess.Popen(locust, cwd=ROOT, env=own, stdout=DEVNULL, stderr=DEVNULL) as process,
        http_client(f"http://127.0.0.1:{port}") as http,
    ):
        try:
            eventually(lambda: answers(http), "Locust's page")
            chosen = {"user_count": "3", "spawn_rate": "3", "host": "http://tasks.invalid"}
            http.post("/swarm", data=chosen).raise_for_status()

            log = eventually(lambda: said_of("tasks.invalid", http), "the reason")
            state = eventually(lambda: stopped(http), "the end of the run")
        finally:
            process.kill()

    assert "http://tasks.invalid is not on this machine: only a local cloud can be load-tested" in log
    assert (state["user_count"], state["errors"], state["total_rps"]) == (0, [], 0)


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/stats/requests").is_success
    except httpx.ConnectError:
        return False


def said_of(text: str, http: httpx.Client) -> str | None:
    """A line of Locust's log, as its page shows it."""
    lines = http.get("/logs").json()["master"]
    return next((line for line in lines if text in line), None)


def stopped(http: httpx.Client) -> dict[str, Any] | None:
    found: dict[str, Any] = http.get("/stats/requests").json()
    return found if found["state"] == "stopped" else None
