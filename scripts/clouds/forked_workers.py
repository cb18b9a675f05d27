"""Has the emulator fork the processes of functions from one that has imported the package's libraries.

ministack 1.5.33 starts a Python for each worker, which imports botocore, pydantic and Powertools again: that
is most of a start's computing and memory. Only on Linux: macOS's frameworks do not bear a fork
(https://docs.python.org/3/library/multiprocessing.html, "Contexts and start methods").

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# The program of a worker that is forked, where others have that of their interpreter.
FORKED = "forked python"
PROGRAM = Path(__file__).with_name("fork_server.py")
ANSWER_BYTES = 64


def fork_workers(runtime: Any) -> None:
    """Patch ministack's runtime, where this machine can."""
    if not can_fork():
        return
    program_of, servers = runtime._detect_runtime_binary, ForkServers()

    def forked_program_of(name: str) -> tuple[str, str]:
        program, script = program_of(name)
        return (FORKED if program == sys.executable else program), script

    runtime._detect_runtime_binary = forked_program_of
    runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": servers.start})


def can_fork() -> bool:
    """Whether this is a Linux that tells of other processes' ends: some sandboxes do not."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


class ForkServers:
    """One fork server for each package that functions run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[Path, ForkServer] = {}

    def start(self, command: list[str], **options: Any) -> Any:
        """What `subprocess.Popen` does; a process of the program FORKED is forked."""
        if command[0] != FORKED:
            return subprocess.Popen(command, **options)
        package = Path(options["cwd"]).resolve()
        return self._server(package).fork(command[1], options["cwd"], options["env"])

    def close(self) -> None:
        """End the servers; what they have forked ends with its input."""
        for server in self._servers.values():
            server.close()

    def _server(self, package: Path) -> "ForkServer":
        with self._lock:
            for gone in [one for one in self._servers if not one.exists()]:
                self._servers.pop(gone).close()
            server = self._servers.get(package)
            if server is None or server.ended():
                server = self._servers[package] = ForkServer(package)
            return server


class ForkServer:
    """The process that has imported a package's libraries."""

    def __init__(self, package: Path) -> None:
        self._lock = threading.Lock()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(PROGRAM), str(theirs.fileno()), str(package)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def ended(self) -> bool:
        """Whether it can fork no more."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Have it end; what it has forked goes on."""
        self._requests.close()
        self._process.wait()

    def fork(self, script: str, folder: str, environment: dict[str, str]) -> "ForkedProcess":
        """Run a script of Python in a folder, with nothing but this environment."""
        request = {"script": script, "folder": folder, "environment": environment}
        ours, theirs = zip(*_pipes(), strict=True)
        with contextlib.ExitStack() as opened:
            for descriptor in ours:
                opened.callback(os.close, descriptor)
            with self._lock:
                try:
                    socket.send_fds(self._requests, [json.dumps(request).encode()], theirs)
                finally:
                    for descriptor in theirs:
                        os.close(descriptor)
                answer, watched, _, _ = socket.recv_fds(self._requests, ANSWER_BYTES, 1)
            if not answer:
                raise RuntimeError("the process that forks functions has ended")
            opened.pop_all()
        return ForkedProcess(int(answer), watched[0], *ours)


def _pipes() -> list[tuple[int, int]]:
    """Our end and that of the process, for its standard input, output and error."""
    (theirs, ours), output, error = os.pipe(), os.pipe(), os.pipe()
    return [(ours, theirs), output, error]


class ForkedProcess:
    """What ministack uses of subprocess.Popen, for a process that is another one's child."""

    def __init__(self, pid: int, watched: int, given: int, output: int, error: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(given, "w", buffering=1, encoding="utf-8")
        self.stdout = os.fdopen(output, encoding="utf-8")
        self.stderr = os.fdopen(error, encoding="utf-8", errors="replace")
        self._watched = watched
        weakref.finalize(self, os.close, watched)

    def poll(self) -> int | None:
        """None while it runs; then 0, because nobody asks how it ended."""
        return 0 if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Return when it has ended; TimeoutExpired after `timeout` seconds."""
        if not self._ended(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired("a function", timeout or 0.0)
        return 0

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _ended(self, milliseconds: float | None) -> bool:
        # https://man7.org/linux/man-pages/man2/pidfd_open.2.html: readable once the process has ended
        poll = select.poll()
        poll.register(self._watched, select.POLLIN)
        return bool(poll.poll(milliseconds))

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._watched, number)
