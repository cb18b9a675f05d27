"""Lambda's own Python runtime (awslambdaric) around a packaged function, on a stand-in for the Lambda Runtime API."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Iterator

DEADLINE = 120  # seconds; on a busy machine a start takes several
_PREFIX = "/2018-06-01/runtime/"
_ARN = "arn:aws:lambda:eu-central-1:000000000000:function:task-manager-test-x:live"


@dataclass
class Life:
    """What a function's process wrote and answered, from its start to its end."""

    output: str = ""
    answers: list[Any] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    init_error: Any = None

    @property
    def lines(self) -> list[str]:
        """The lines that were written."""
        return self.output.splitlines()

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Those lines that are JSON objects."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """Lines of the embedded metric format."""
        return [document for document in self.documents if "_aws" in document]

    def about(self, message: str) -> list[dict[str, Any]]:
        """Our own lines with this message."""
        return [document for document in self.documents if document.get("message") == message]


def install(folder: Path) -> Path:
    """The runtime and what it needs, apart from all else in the tests' environment, as /var/runtime is on Lambda."""
    folder.mkdir()
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if not top.startswith("..") and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    return folder


def live(
    handler: str, events: Sequence[Any], code: Path, runtime: Path, environment: Mapping[str, str]
) -> Life:
    """Starts the handler's process, has it handle the events, and ends it."""
    with _runtime_api(events) as (address, life, done), open(os.devnull, "rb") as nothing:  # noqa: PTH123
        paths = f"import sys; sys.path[:0] = [{str(code)!r}, {str(runtime)!r}]; "
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", f"{paths}from awslambdaric.__main__ import main; main(sys.argv)", handler],
            env={**environment, "AWS_LAMBDA_RUNTIME_API": address, "_HANDLER": handler},
            stdin=nothing,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        written: list[bytes] = []
        assert process.stdout is not None
        reader = threading.Thread(target=lambda out: written.append(out.read()), args=(process.stdout,))
        reader.start()
        deadline = time.monotonic() + DEADLINE
        try:
            while not done.wait(0.05) and process.poll() is None:
                assert time.monotonic() < deadline, f"{handler} took too long"
        finally:
            process.terminate()
            process.wait()
            reader.join()
        life.output = b"".join(written).decode()
        return life


@contextmanager
def _runtime_api(events: Sequence[Any]) -> Iterator[tuple[str, Life, threading.Event]]:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""
    life, done = Life(), threading.Event()
    waiting: queue.Queue[tuple[int, Any] | None] = queue.Queue()
    for numbered in enumerate(events):
        waiting.put(numbered)

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if (found := waiting.get()) is None:
                return
            number, event = found
            headers = {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": f"00000000-0000-4000-8000-{number:012d}",
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 15_000),
                "Lambda-Runtime-Invoked-Function-Arn": _ARN,
            }
            self._answer(200, headers, json.dumps(event).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            place = self.path.removeprefix(_PREFIX)
            if place == "init/error":
                life.init_error = body
            else:
                kept = {"response": life.answers, "error": life.errors}[place.rpartition("/")[2]]
                kept.append(body)
            self._answer(202, {}, b"{}")
            if life.init_error or len(life.answers) + len(life.errors) == len(events):
                done.set()

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", life, done
    finally:
        waiting.put(None)
        server.shutdown()
        server.server_close()
