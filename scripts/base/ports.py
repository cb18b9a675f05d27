"""TCP ports on the loopback interface."""

import shutil
import socket
import subprocess
from pathlib import Path

LOOPBACK = "127.0.0.1"
LISTENING = "0A"  # TCP_LISTEN in /proc/net/tcp


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Tell whether something else holds the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def describe_holder(port: int) -> str:
    """Say who listens on the port, as far as this user may know."""
    pid = _pid_from_proc(port) if Path("/proc/net/tcp").exists() else _pid_from_lsof(port)
    if pid is None:
        return "another process"
    return f"process {pid} ({command_line(pid)[:60].strip() or 'unknown'})"


def command_line(pid: int) -> str:
    """The command line of a process, empty when there is none."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return listing.stdout.strip()


def _pid_from_proc(port: int) -> int | None:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in inodes:
                return int(descriptor.parts[2])
        except OSError:  # it has gone, or is another user's
            continue
    return None


def _pid_from_lsof(port: int) -> int | None:
    if not shutil.which("lsof"):
        return None
    command = ["lsof", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    found = subprocess.run(command, capture_output=True, text=True).stdout.split()
    return int(found[0]) if found else None
