"""Processes of this machine that run, zombies left out."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import psutil


def processes_with(text: str) -> list[int]:
    """The processes whose command line holds the text."""
    return _running(lambda process: text in " ".join(process.cmdline()))


def processes_in(folder: Path) -> list[int]:
    """The processes that have their temporary files in the folder: a cloud, and the functions it runs."""
    return _running(lambda process: process.environ().get("TMPDIR", "").startswith(str(folder)))


def functions_of(cloud: Path) -> list[int]:
    """The processes that run functions of an embedded cloud with this folder, forked or started."""
    temporary = cloud / "tmp"

    def runs_one(process: psutil.Process) -> bool:
        command = " ".join(process.cmdline())
        parent = process.parent()
        forked = f"{temporary}/unpacked-"
        return f"{temporary}/ministack-lambda-" in command or (
            forked in command and parent is not None and forked in " ".join(parent.cmdline())
        )

    return _running(runs_one)


def _running(wanted: Callable[[psutil.Process], bool]) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is another user's
            if process.status() != psutil.STATUS_ZOMBIE and wanted(process):
                found.append(process.pid)
    return found
