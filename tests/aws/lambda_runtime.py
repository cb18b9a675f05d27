"""Lambda's own Python runtime (awslambdaric) around a packaged function, on a fake Runtime API."""

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

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
    """Install the runtime and its dependencies, and nothing else, as in /var/runtime of Lambda."""
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
    """Start the handler's process, let it handle the events, and end it."""
    start = f"import sys; sys.path[:0] = [{str(code)!r}, {str(runtime)!r}]; "
    start += "from awslambdaric.__main__ import main; main(sys.argv)"
    with _runtime_api(events) as api, tempfile.TemporaryFile() as written:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", start, handler],
            env={
                **environment,
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
                "_HANDLER": handler,
            },
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + DEADLINE
        try:
            while not api.done.wait(0.05) and process.poll() is None:
                assert time.monotonic() < deadline, f"{handler} took too long"
        finally:
            process.terminate()
            process.wait()
        written.seek(0)
        api.life.output = written.read().decode()
        return api.life


@contextmanager
def _runtime_api(events: Sequence[Any]) -> Iterator["_RuntimeApi"]:
    server = _RuntimeApi(events)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.waiting.put(None)
        server.shutdown()
        server.server_close()


class _RuntimeApi(ThreadingHTTPServer):
    """Hands over some events, one after another, and keeps what the runtime answers.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """

    daemon_threads = True

    def __init__(self, events: Sequence[Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.life = Life()
        self.done = threading.Event()
        self.expected = len(events)
        self.waiting: queue.Queue[tuple[int, Any] | None] = queue.Queue()
        for numbered in enumerate(events):
            self.waiting.put(numbered)

    def keep(self, place: str, body: Any) -> None:
        """Keeps what was posted to `init/error`, `invocation/ID/response` or `invocation/ID/error`."""
        life = self.life
        if place == "init/error":
            life.init_error = body
        else:
            {"response": life.answers, "error": life.errors}[place.rpartition("/")[2]].append(body)
        if life.init_error or len(life.answers) + len(life.errors) == self.expected:
            self.done.set()


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _RuntimeApi

    def do_GET(self) -> None:
        """The next event; waits until there is one."""
        if (found := self.server.waiting.get()) is None:
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
        """An answer or an error."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(202, {}, b"{}")
        self.server.keep(self.path.removeprefix(_PREFIX), body)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing."""
