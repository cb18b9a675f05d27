"""What the users of a load test do: Locust in its own environment, against an API that loses answers."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from load.process import ENVIRONMENT
from scripts.base.environment import ensure_environment
from scripts.base.paths import REQUIREMENTS, ROOT
from tests.harness.fetching import skipped_without

# One user does this, and fails in it: what the ledger doubts, and the tasks that the user still works on.
JOURNEY = """
import json, sys
from locust.env import Environment
from locust.exception import RescheduleTask
from load.journeys import TaskUser

TaskUser.host = sys.argv[1]
user = TaskUser(Environment())
user.on_start()
user.create()
user.random.choice = lambda choices: choices[0]
try:
    getattr(user, sys.argv[2])()
except RescheduleTask:
    doubts = [entry["doubt"] for entry in user.ledger.take() if "doubt" in entry]
    print(json.dumps({"doubts": doubts, "mine": len(user.mine)}))
"""


class Api(BaseHTTPRequestHandler):
    """Creates tasks and takes decisions; answers no change, and fails to read."""

    def do_POST(self) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path.endswith("/approval"):
            decision = {"taskVersion": 1, "decidedAt": now, **body}
            self._answer(202, decision)
            return
        status = "pending_approval" if body["priority"] == "high" else "pending"
        given = {"taskId": str(uuid4()), "description": "", "status": status, "version": 1, **body}
        self._answer(201, {**given, "createdAt": now, "updatedAt": now})

    def do_PUT(self) -> None:
        self.close_connection = True

    def do_GET(self) -> None:
        self._answer(500, {})

    def _answer(self, status: int, content: Any) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-correlation-id", "one")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def python() -> str:
    """Locust's Python; Locust is fetched."""
    with skipped_without("Locust"):
        ensure_environment(ENVIRONMENT, REQUIREMENTS / "load.txt")
    return str(ENVIRONMENT / "bin/python")


@pytest.mark.parametrize(
    ("journey", "doubt"),
    [("approve", "the verdict on"), ("update", "PUT /tasks/{taskId}"), ("complete", "PUT /tasks/{taskId}")],
)
def test_a_lost_answer_puts_a_write_in_doubt_and_its_task_out_of_use(
    python: str, api: str, journey: str, doubt: str
) -> None:
    command = [python, "-c", JOURNEY, api, journey]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    assert [said.startswith(doubt) for said in found["doubts"]] == [True]
    # Approving takes another task than the one that is there.
    assert found["mine"] == (1 if journey == "approve" else 0)
