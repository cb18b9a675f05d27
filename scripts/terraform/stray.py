"""A Terraform whose starter was killed: it would go on, and retry for long once its cloud has gone.

A provider whose Terraform was killed stays for good, and may still be making what it was told to.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from scripts.base.processes import alive_in_group
from scripts.base.waiting import until

RECORD = "terraform.pid"
PATIENCE_SECONDS = 5.0


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
    if pid in _members(pid):
        os.kill(pid, signal.SIGINT)  # it saves its state, if the cloud still answers
    until(lambda: pid not in _members(pid), seconds=PATIENCE_SECONDS)
    end_group(pid)
    record.unlink(missing_ok=True)
    return found


def end_group(leader: int) -> None:
    """End what is left of a Terraform's process group, its provider too, and return when it is gone."""

    def kill() -> bool:
        """Whether nothing is left to kill."""
        members = _members(leader)
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not members

    until(kill, seconds=PATIENCE_SECONDS)


def _members(leader: int) -> list[int]:
    """What still runs of the group of a Terraform started here; the number may be that of another by now."""
    return alive_in_group(leader, "terraform")
