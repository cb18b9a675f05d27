"""A proxy in front of an emulator, for faults that the emulator does not have by itself.

It loses answers after the call has taken effect, delays them, changes them, or answers in the emulator's
place: throttles, empty pages with a token, resources that stay in a state. Rules are tried in their order;
the first that matches a call and has not been used up acts on it.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scripts.base.ports import LOOPBACK

UPSTREAM_SECONDS = 120
NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Call:
    """A call of an AWS API, as its service would receive it."""

    method: str
    path: str
    headers: Mapping[str, str]  # lower-case names
    body: bytes

    @property
    def service(self) -> str:
        """The service that the signature is for: `dynamodb`, `logs`, `lambda`; empty without a signature."""
        found = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization", ""))
        return found.group(1) if found else ""

    @property
    def operation(self) -> str:
        """The operation (`CreateTable`); for REST APIs method and path, as in `PUT /tasks-bucket`."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        if action := self.form.get("Action"):
            return action
        return f"{self.method} {urlsplit(self.path).path}"

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a query API."""
        text = self.body.decode(errors="replace") if b"Action=" in self.body else urlsplit(self.path).query
        return {name: values[0] for name, values in parse_qs(text).items()}

    @property
    def json(self) -> dict[str, Any]:
        """The body of a JSON API."""
        return dict(json.loads(self.body or b"{}"))

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"


@dataclass(frozen=True)
class Answer:
    """An answer of the API."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of_json(cls, content: Any, status: int = 200) -> "Answer":
        """An answer of a JSON API."""
        kind = {"content-type": "application/x-amz-json-1.1"}
        return cls(status, kind, json.dumps(content).encode())

    @classmethod
    def refusal(cls, code: str, status: int = 400, message: str = "") -> "Answer":
        """An error as JSON APIs send it: `ThrottlingException`, `TooManyRequestsException` …"""
        headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
        return cls(status, headers, json.dumps({"__type": code, "message": message}).encode())


Forward = Callable[[], Answer]
Act = Callable[[Call, Forward], Answer | None]
"""Makes the answer to a call, with or without forwarding it; None closes the connection without one."""


@dataclass
class Rule:
    """What happens to the calls that match, the first `times` of them (None: to all)."""

    matches: Callable[[Call], bool]
    act: Act
    times: int | None = None
    seen: list[Call] = field(default_factory=list)

    def takes(self, call: Call) -> bool:
        """Whether the rule acts on this call, which then counts."""
        if (self.times is not None and len(self.seen) >= self.times) or not self.matches(call):
            return False
        self.seen.append(call)
        return True


def is_call(service: str, operation: str) -> Callable[[Call], bool]:
    """Matches calls of a service whose operation matches the whole regular expression."""
    pattern = re.compile(operation)
    return lambda call: call.service == service and pattern.fullmatch(call.operation) is not None


def lose_answer(_call: Call, forward: Forward) -> None:
    """The call takes effect, and its caller gets no answer."""
    forward()


def answer_with(answer: Answer) -> Act:
    """The emulator does not receive the call; the caller gets this answer."""
    return lambda _call, _forward: answer


def change_json(change: Callable[[dict[str, Any]], Any]) -> Act:
    """The caller gets the JSON that `change` makes of the emulator's."""

    def act(_call: Call, forward: Forward) -> Answer:
        answer = forward()
        body = json.dumps(change(json.loads(answer.body))).encode()
        return Answer(answer.status, answer.headers, body)

    return act


def delay(seconds: float) -> Act:
    """The answer comes late."""

    def act(_call: Call, forward: Forward) -> Answer:
        answer = forward()
        time.sleep(seconds)  # the delay itself: nothing is waited for
        return answer

    return act


class FaultProxy:
    """A running proxy: its URL, its rules, which may be changed at any time, and the calls so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rules: list[Rule] = []
        self.calls: list[Call] = []
        self.dropped_headers: set[str] = set()  # lower-case names of those that are not passed on
        self._lock = threading.Lock()

    def add(self, matches: Callable[[Call], bool], act: Act, times: int | None = None) -> Rule:
        """Add a rule; its `seen` holds the calls that it has acted on."""
        rule = Rule(matches, act, times)
        self.rules.append(rule)
        return rule

    def rule_for(self, call: Call) -> Rule | None:
        """The rule that acts on the call, if any. Several calls may come at once."""
        with self._lock:
            self.calls.append(call)
            return next((rule for rule in self.rules if rule.takes(call)), None)


@contextmanager
def fault_proxy(endpoint: str = "") -> Iterator[FaultProxy]:
    """A proxy in front of `endpoint`, without rules. Without an endpoint, what no rule answers gets 501."""
    handler = type("BoundHandler", (_Handler,), {"endpoint": endpoint})
    server = _Server((LOOPBACK, 0), handler)
    proxy = handler.proxy = FaultProxy(f"http://{LOOPBACK}:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # Terraform opens thirty connections at once


class _Handler(BaseHTTPRequestHandler):
    """Receives a call, applies the rules to it, and sends the answer."""

    endpoint: str
    proxy: FaultProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, headers, self._read_body(headers))
        rule = self.proxy.rule_for(call)
        answer = rule.act(call, lambda: self._forward(call)) if rule else self._forward(call)
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in NOT_FORWARDED:
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forward(self, call: Call) -> Answer:
        if not self.endpoint:
            return Answer.refusal("NotImplemented", 501, str(call))
        upstream = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=UPSTREAM_SECONDS)
        try:
            dropped = NOT_FORWARDED | self.proxy.dropped_headers
            kept = {name: value for name, value in call.headers.items() if name not in dropped}
            upstream.request(
                call.method, call.path, call.body, kept | {"content-length": str(len(call.body))}
            )
            answer = upstream.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            upstream.close()

    def log_message(self, *_: object) -> None:
        """Print nothing: `FaultProxy.calls` holds every call."""
