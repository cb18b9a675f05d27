"""Other processes of this machine: their command lines, their groups, who listens on a port.

psutil is imported when it is used: `make environment` runs before it is installed.
"""

import os
import sys


def command_line(pid: int) -> str:
    """The command line of a process; empty when there is none, or when it is hidden from this user."""
    import psutil

    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ""


def alive_in_group(leader: int, marker: str) -> list[int]:
    """The processes of a group that run, and whose command line holds the marker; zombies do not run."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) != leader or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if marker in command_line(process.pid):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def exists(pid: int) -> bool:
    """Whether there is a process with this pid, which may be another than it once was."""
    import psutil

    return bool(psutil.pid_exists(pid))


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and was not waited for."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def listener(port: int) -> int | None:
    """The process that listens on a TCP port; None if none does that this user may see."""
    import psutil

    if sys.platform == "linux":  # elsewhere only root may list them in one go, which is much faster
        found = [one for one in psutil.net_connections(kind="tcp") if one.status == psutil.CONN_LISTEN]
        return next((one.pid for one in found if one.laddr and one.laddr.port == port), None)
    for process in psutil.process_iter():
        try:
            connections = process.net_connections(kind="tcp")
        except (psutil.Error, OSError):
            continue
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections):
            return int(process.pid)
    return None
