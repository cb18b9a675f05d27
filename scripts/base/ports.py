"""TCP ports on the loopback interface."""

import socket

from scripts.base.processes import command_line, listener

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether something else holds the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def describe_holder(port: int) -> str:
    """Say who listens on the port, as far as this user may know."""
    pid = listener(port)
    if pid is None:
        return "another process"
    return f"process {pid} ({command_line(pid)[:60].strip() or 'unknown'})"
