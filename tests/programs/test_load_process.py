"""Locust as a process: its input and its output."""

import sys
from pathlib import Path

import pytest

from load.process import (
    COMPOSE_FILE,
    LIBRARIES,
    compose_command,
    compose_variables,
    require_figures,
    run,
)
from scripts.base.failure import Failure
from scripts.base.paths import ROOT

API = "http://127.0.0.1:4567/_aws/execute-api/abc/live"


def test_containers_reach_localstack_by_its_name_in_their_network(tmp_path: Path) -> None:
    found = compose_variables(API, tmp_path, 3)

    assert found["LOAD_TARGET"] == "http://localstack:4566/_aws/execute-api/abc/live"
    assert found["LOCUST_EXPECT_WORKERS"] == "3"
    assert "locust-worker=3" in compose_command(3)


def test_the_compose_file_uses_every_variable(tmp_path: Path) -> None:
    text = COMPOSE_FILE.read_text()

    for name in compose_variables(API, tmp_path, 3):
        assert f"${{{name}:" in text or f"\n      {name}:\n" in text, name


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


def test_a_run_without_figures_fails_with_locusts_output(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ImportError: no such thing\n")

    with pytest.raises(Failure, match="ImportError: no such thing"):
        require_figures(tmp_path, tmp_path / "log")


def test_containers_find_the_libraries_of_the_client() -> None:
    path = f"PYTHONPATH: /project:/project/{LIBRARIES.relative_to(ROOT)}\n"

    assert COMPOSE_FILE.read_text().count(path) == 2, "master and workers"
