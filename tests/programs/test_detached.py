"""A cloud as a process that outlives its starter."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.base.detached import Detached
from scripts.base.processes import command_line
from tests.harness.processes import processes_with
from tests.harness.waiting import eventually

# Writes its record as the launcher does, starts a child that ignores SIGTERM, and waits.
PROGRAM = """
import json, os, pathlib, signal, subprocess, sys, time
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('', flush=True); "
child += "time.sleep(60)"
process = subprocess.Popen([sys.executable, "-c", child, {marker!r}], stdout=subprocess.PIPE)
process.stdout.readline()
record = {{"pid": os.getpid(), "instance": "one", "port": 1}}
draft = pathlib.Path(sys.argv[1] + ".draft")
draft.write_text(json.dumps(record))
draft.rename(sys.argv[1])
time.sleep(60)
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Detached]:
    marker = str(tmp_path / "marker")
    detached = Detached(tmp_path / "process.json", tmp_path / "log", marker)
    command = [sys.executable, "-c", PROGRAM.format(marker=marker), str(tmp_path / "process.json"), marker]
    detached.start(command, os.environ, tied=False)
    eventually(detached.running, "the program's record", 10)
    yield detached
    detached.stop(0.1)


def test_a_program_is_found_by_its_record_and_stopped_with_stubborn_children(
    program: Detached, tmp_path: Path
) -> None:
    found = Detached(tmp_path / "process.json", tmp_path / "log", str(tmp_path / "marker"))
    record = found.running()
    assert record is not None
    assert len(processes_with(str(tmp_path / "marker"))) == 2

    program.stop(0.2)

    assert processes_with(str(tmp_path / "marker")) == []
    assert found.running() is None
    assert found.record() is None


def test_children_that_outlive_their_program_are_found(program: Detached, tmp_path: Path) -> None:
    record = program.running()
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)

    program.stop(0.2)

    assert processes_with(str(tmp_path / "marker")) == []


def test_an_ended_process_has_no_command_line() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()

    assert command_line(done.pid) == ""
    assert command_line(os.getpid()).startswith(psutil.Process().cmdline()[0])
