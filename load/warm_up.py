"""A call of each function, one after the other: else cold starts would be measured, many at once."""

from typing import Any

import httpx

from load.books import Books
from load.ledger import events_after, events_after_verdict
from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.waiting import until

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.2


def warm_up(api_url: str, books: Books) -> None:
    """Live through what tasks live through; what expires approvals alone stays cold.

    Raises Failure where the application does not do what it should.
    """
    with http_client(api_url) as http:
        _Visitor(http, books).visit()


class _Visitor:
    def __init__(self, http: httpx.Client, books: Books) -> None:
        self._http = http
        self._books = books
        self._user = f"{books.prefix}warm-up"

    def visit(self) -> None:
        self._call("GET", "/openapi.json")
        task = self._create("low")
        path = f"/tasks/{task['taskId']}"
        self._call("GET", path)
        self._call("GET", f"/tasks?userId={self._user}")
        self._change(path, {"status": "in_progress"})
        self._change(path, {"status": "completed"})
        unwanted = self._create("low")
        self._call("DELETE", f"/tasks/{unwanted['taskId']}")
        self._books.expect(self._user, events_after("DELETE", unwanted))
        urgent = self._create("high")
        path = f"/tasks/{urgent['taskId']}"
        self._call("POST", f"{path}/approval", {"decision": "approve", "approver": self._user})
        decided = self._until(
            "approved", lambda: self._call("GET", path), lambda it: it["status"] == "approved"
        )
        self._books.expect(self._user, events_after_verdict(decided))
        statistics = f"/users/{self._user}/stats"
        self._until(
            "all tasks counted",
            lambda: self._call("GET", statistics),
            lambda it: (it["created"], it["completed"]) == (3, 1),
        )
        self._until("all events received", lambda: self._books, lambda books: not books.lost)

    def _create(self, priority: str) -> dict[str, Any]:
        task = self._call("POST", "/tasks", {"title": "Warm up", "userId": self._user, "priority": priority})
        self._books.expect(self._user, events_after("POST", task))
        return task

    def _change(self, path: str, changes: dict[str, Any]) -> None:
        self._books.expect(self._user, events_after("PUT", self._call("PUT", path, changes)))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            raise Failure(f"warm-up: {method} {path} answered {answer.status_code}: {answer.text[:200]}")
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def _until(self, what: str, look: Any, is_so: Any) -> Any:
        found = until(look, is_so, seconds=DEADLINE_SECONDS, poll=POLL_SECONDS)
        if not is_so(found):
            raise Failure(f"warm-up: not {what} within {DEADLINE_SECONDS:.0f} s: see `make dead-letters`")
        return found
