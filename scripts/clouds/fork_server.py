"""Forks the processes of functions: `python fork_server.py SOCKET PACKAGE`.

It imports the libraries that functions share once, so that a function's process begins with them: they are
most of the computing that its start takes. The project's own modules are not imported: they read the settings
of one function. The emulator sends what each process is to run (forked_workers.py), and this ends with the
emulator.

Runs on the emulator's Python, with the package's libraries: nothing but the standard library is imported.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import socket
import sys
from pathlib import Path
from typing import Any

# What handlers import of libraries: tests/infra/test_package.py compares.
LIBRARIES = (
    "aws_lambda_powertools.logging", "botocore.handlers", "botocore.session", "pydantic.alias_generators",
    "pydantic.fields", "pydantic.main", "pydantic.plugin._loader", "pydantic.type_adapter", "pydantic.types",
)  # fmt: skip
ORDER_BYTES = 1 << 20
STREAMS = 3


def main() -> None:
    """Answer requests for processes until the emulator closes the socket."""
    del sys.path[0]  # the folder of this file, whose modules no function must find
    import_libraries(sys.argv[2])
    gc.collect()
    gc.freeze()  # the collector would write to every object, and so copy the pages that processes share
    order = Forks(socket.socket(fileno=int(sys.argv[1]))).serve()
    if order:
        become(**order)


def import_libraries(package: str) -> None:
    """Import them from the package; trouble with one is told by the function that imports it."""
    sys.path.insert(0, package)
    for name in LIBRARIES:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    del sys.path[0]  # each process has a path of its own to the package


class Forks:
    """The processes that were forked, and the socket on which they are ordered."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._running: set[int] = set()  # by the descriptors that tell when they end
        self._poll = select.poll()
        self._poll.register(requests, select.POLLIN)

    def serve(self) -> dict[str, Any] | None:
        """Fork for each order. In a fork it gives what that is to run; None once the emulator has ended."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._running:
                    self._collect(descriptor)
                    continue
                order, streams, _, _ = socket.recv_fds(self._requests, ORDER_BYTES, STREAMS)
                if not order:
                    return None
                process = os.fork()
                if not process:
                    self._be_a_process(streams)
                    return dict(json.loads(order))
                self._watch(process, streams)

    def _collect(self, descriptor: int) -> None:
        """Take note of a process that has ended."""
        os.waitid(os.P_PIDFD, descriptor, os.WEXITED)
        self._poll.unregister(descriptor)
        self._running.remove(descriptor)
        os.close(descriptor)

    def _be_a_process(self, streams: list[int]) -> None:
        """Take the streams that came with the order, and keep nothing else open."""
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        for inherited in (*streams, *self._running):
            os.close(inherited)
        self._requests.close()

    def _watch(self, process: int, streams: list[int]) -> None:
        """Tell the emulator which process it is, and how to know its end."""
        for stream in streams:
            os.close(stream)
        watched = os.pidfd_open(process)
        self._running.add(watched)
        self._poll.register(watched, select.POLLIN)
        socket.send_fds(self._requests, [str(process).encode()], [watched])


def become(script: str, folder: str, environment: dict[str, str]) -> None:
    """Run a script as if Python had been started with it."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # What `top` shows: the command line stays that of the process that forked.
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(environment.get("POWERTOOLS_SERVICE_NAME", Path(script).stem))
    sys.argv = [script]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
