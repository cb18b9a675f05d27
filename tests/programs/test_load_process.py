"""Locust as a process: its input and its output."""

import sys
from pathlib import Path

from load.process import run


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
