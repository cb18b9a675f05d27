"""Processes of this machine that run, zombies left out."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import psutil

LONGEST_NAME = 15  # https://man7.org/linux/man-pages/man5/proc_pid_comm.5.html, without the zero at its end


def processes_with(text: str) -> list[int]:
    """The processes whose command line holds the text."""
    return _running(lambda process: text in " ".join(process.cmdline()))


def processes_in(folder: Path) -> list[int]:
    """The processes that have their temporary files in the folder: a cloud, and the functions it runs."""
    return _running(lambda process: process.environ().get("TMPDIR", "").startswith(str(folder)))


def functions_of(cloud: Path, name: str = "") -> list[int]:
    """The processes that run functions of an embedded cloud with this folder, or the one of that name."""
    name = name.replace("_", "-")
    started, package = str(cloud / "tmp/ministack-lambda-"), str(cloud / "tmp/unpacked-")

    def runs_one(process: psutil.Process) -> bool:
        command, parent = " ".join(process.cmdline()), process.parent()
        if started in command:
            return not name or f"-{name}-" in command
        is_forked = package in command and parent is not None and package in " ".join(parent.cmdline())
        return is_forked and (not name or process.name() == name[:LONGEST_NAME])

    return _running(runs_one)


def _running(wanted: Callable[[psutil.Process], bool]) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is another user's
            if process.status() != psutil.STATUS_ZOMBIE and wanted(process):
                found.append(process.pid)
    return found
