"""A Terraform whose starter was killed: it would go on, and retry for long once its cloud has gone."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.clouds.ports import command_line

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
    """End the Terraform that was left running with this work folder; True if there was one."""
    record = work_folder / RECORD
    try:
        pid = int(record.read_text())
    except (OSError, ValueError):
        return False
    found = _is_terraform(pid)
    end = time.monotonic() + PATIENCE_SECONDS
    if found:
        os.kill(pid, signal.SIGINT)  # it saves its state, if the cloud still answers
    while _is_terraform(pid) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    if _is_terraform(pid):
        os.killpg(pid, signal.SIGKILL)  # with its provider
    record.unlink(missing_ok=True)
    return found


def _is_terraform(pid: int) -> bool:
    """Tell whether the pid is still that of a Terraform started here, and not of something else since."""
    try:
        leads = os.getpgid(pid) == pid
    except ProcessLookupError:
        return False
    return leads and "terraform" in command_line(pid)
