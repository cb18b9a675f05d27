"""A Terraform whose starter was killed: it would go on, and retry for long once its cloud has gone.

A provider whose Terraform was killed stays for good, and may still be making what it was told to.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.base.detached import processes
from scripts.base.ports import command_line

RECORD = "terraform.pid"
PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.05


@contextlib.contextmanager
def remembered(work_folder: Path, pid: int) -> Iterator[None]:
    """Keep the pid of a Terraform, which leads a process group of its own, while it runs."""
    record = work_folder / RECORD
    record.write_text(str(pid))
    try:
        yield
    finally:
        record.unlink(missing_ok=True)


def end_stray(work_folder: Path) -> bool:
    """End the Terraform, or its provider, that was left running with this work folder; True if any was."""
    record = work_folder / RECORD
    try:
        pid = int(record.read_text())
    except (OSError, ValueError):
        return False
    found = bool(_members(pid))
    end = time.monotonic() + PATIENCE_SECONDS
    if pid in _members(pid):
        os.kill(pid, signal.SIGINT)  # it saves its state, if the cloud still answers
    while pid in _members(pid) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    end_group(pid)
    record.unlink(missing_ok=True)
    return found


def end_group(leader: int) -> None:
    """End what is left of a Terraform's process group, its provider too, and return when it is gone."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (members := _members(leader)) and time.monotonic() < end:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _members(leader: int) -> list[int]:
    """What still runs of the group of a Terraform started here; the number may be that of another by now."""
    return [
        pid
        for pid, group, zombie in processes()
        if group == leader and not zombie and "terraform" in command_line(pid)
    ]
