"""The server behind `make console`, and StackPort's: who may call them, and what is said of wrong values."""

import asyncio
import socket
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.console import browse, stackport_guard
from scripts.console.app import application
from scripts.console.arguments import Arguments
from scripts.console.index import Index
from scripts.console.subject import Subject
from scripts.deployments.target import Target
from tests.harness.command_line import task_manager

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TOKEN, PORT = "a-token", 4999
HOST = f"127.0.0.1:{PORT}"
OWN = {"host": HOST, "origin": f"http://{HOST}", "content-type": "application/json"}


def subject(environment: str = "local", cloud: str = "embedded", client: Any = None) -> Subject:
    outputs = {
        "api_url": "http://here",
        "dead_letter_queue_urls": {},
        "function_names": {"relay": "a-relay"},
    }
    return Subject(Target(outputs, lambda _: client), environment, cloud, "grace", Index(NOON))


class Server:
    """The server of a subject, called without a socket."""

    def __init__(self, shown: Subject) -> None:
        self._transport = httpx.ASGITransport(application(shown, TOKEN, PORT))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.call("GET", path, headers)

    def post(self, path: str, body: str, headers: dict[str, str] = OWN) -> httpx.Response:
        return self.call("POST", f"/{TOKEN}/api/{path}", headers, body)

    def call(self, method: str, path: str, headers: dict[str, str], body: str = "") -> httpx.Response:
        async def answer() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=f"http://{HOST}") as http:
                return await http.request(method, path, headers=headers, content=body)

        return asyncio.run(answer())


@pytest.fixture
def http() -> Server:
    return Server(subject())


class TestGuard:
    def test_the_page_and_its_files_are_served_with_the_token(self, http: Server) -> None:
        page, script = http.get(f"/{TOKEN}/"), http.get(f"/{TOKEN}/main.js")

        assert "<h1>Developer console</h1>" in page.text
        assert script.headers["content-type"].startswith("text/javascript")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize("path", ["/", "/another/", f"/{TOKEN}", f"/{TOKEN}x/api/about", "/api/about"])
    def test_without_the_token_nothing_is_served(self, http: Server, path: str) -> None:
        assert http.get(path).status_code == 403

    def test_another_name_of_this_machine_is_refused(self, http: Server) -> None:
        """As a page would come whose own name was made to lead here (DNS rebinding)."""
        assert http.get(f"/{TOKEN}/", host=f"evil.test:{PORT}").status_code == 421

    @pytest.mark.parametrize(
        ("changed", "status"),
        [
            ({"origin": "http://evil.test"}, 403),
            ({"origin": "null"}, 403),
            ({"origin": None}, 403),
            ({"sec-fetch-site": "cross-site"}, 403),
            ({"sec-fetch-site": "same-site"}, 403),
            ({"content-type": "text/plain"}, 415),
        ],
    )
    def test_another_pages_writes_are_refused(
        self, http: Server, changed: dict[str, str | None], status: int
    ) -> None:
        headers = {name: value for name, value in {**OWN, **changed}.items() if value}

        answer = http.post("letters/redrive", "{}", headers)

        assert answer.status_code == status

    def test_its_own_writes_are_taken_locally_and_refused_on_aws(self, http: Server) -> None:
        on_aws = Server(subject("dev", "aws"))

        taken, refused = (one.post("letters/redrive", '{"letters": []}') for one in (http, on_aws))

        assert (taken.status_code, taken.json()) == (200, {"letters": []})
        assert refused.status_code == 403
        assert "read-only" in refused.json()["detail"]

    @pytest.mark.parametrize(
        ("path", "body", "said"),
        [
            ("letters/redrive", "[", "The body is not JSON"),
            ("letters/redrive", "[]", "The body is not a JSON object"),
            ("letters/redrive", '{"letters": [1]}', "Letters is not a list of objects"),
            ("letters/redrive", '{"letters": [{"queue": 1}]}', "Queue is not a text"),
            ("letters/redrive", '{"letters": [{"queue": "nowhere"}]}', "There is no queue nowhere"),
            ("workflows/decide", '{"decision": "perhaps"}', "Decision is approve or reject"),
            ("workflows/decide", '{"decision": "approve", "version": "1"}', "Version is not a number"),
            ("try/invoke", '{"name": "nothing"}', "There is no function nothing"),
            ("try/invoke", '{"name": "relay", "kind": "/etc/passwd"}', "There is no event /etc/passwd"),
            ("try/send", '{"kind": "TaskMoved"}', "There is no event TaskMoved"),
            ("try/break", '{"name": "relay", "how": "softly"}', "How is one of"),
            ("try/break", '{"name": "relay", "how": "latency", "amount": 0}', "The latency is more than 0"),
        ],
    )
    def test_wrong_values_are_named(self, http: Server, path: str, body: str, said: str) -> None:
        answer = http.post(path, body)

        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(said)

    def test_a_truth_value_is_no_number(self) -> None:
        with pytest.raises(Failure, match="amount is not a number"):
            Arguments({"amount": True}).number("amount")


@pytest.mark.parametrize("name", ["console", "browse"])
def test_a_port_that_is_taken_is_named_with_its_holder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = SimpleNamespace(endpoint="http://127.0.0.1:1")
    monkeypatch.setattr(browse, "running_stack", lambda: stack)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Failure, match=f"port {port} is taken by .*: name another, PORT="):
            task_manager(name, f"--port={port}")


@pytest.mark.parametrize(
    ("path", "headers", "own"),
    [
        ("/api/stats", {"host": HOST}, True),
        ("/api/stats", {"host": HOST, "origin": f"http://{HOST}"}, True),
        ("/api/stats", {"host": HOST, "origin": "http://evil.test"}, False),
        ("/api/stats", {"host": "evil.test"}, False),
        ("/api/stats", {"host": HOST, "sec-fetch-site": "cross-site"}, False),
        ("/../../etc/passwd", {"host": HOST}, False),
        ("//etc/passwd", {"host": HOST}, False),
    ],
)
def test_stackport_answers_its_own_page_and_leads_to_no_other_file(
    path: str, headers: dict[str, str], own: bool
) -> None:
    scope = {"path": path, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}

    assert stackport_guard.is_own(scope, (HOST,)) is own
