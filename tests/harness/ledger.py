"""A ledger of writes: what was asked of the API, and so which events and totals must follow."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from load.ledger import EventKey, events_after
from tests.harness.waiting import eventually


@dataclass
class Ledger:
    """Writes tasks of users of its own, and remembers what each write must lead to."""

    api: httpx.Client
    users: list[str] = field(default_factory=lambda: [f"ledger-{uuid4().hex[:12]}-{n}" for n in range(5)])
    events: set[EventKey] = field(default_factory=set)
    created: Counter[str] = field(default_factory=Counter)
    completed: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: Iterator[int] = field(default_factory=count)

    def live(self, number: int) -> None:
        """A task's life in five writes; every third task is deleted before it is done."""
        user = self.users[number % len(self.users)]
        task = self._call("POST", "/tasks", {"title": f"Task {number}", "userId": user})
        self.created[user] += 1
        self.events.update(events_after("POST", task))
        path = f"/tasks/{task['taskId']}"
        for changes in ({"status": "in_progress"}, {"title": f"Task {number}, again"}, {"tags": ["late"]}):
            task = self._call("PUT", path, changes)
            self.events.update(events_after("PUT", task))
        if number % 3 == 2:
            self._call("DELETE", path)
            self.events.update(events_after("DELETE", task))
            return
        task = self._call("PUT", path, {"status": "completed"})
        self.events.update(events_after("PUT", task))
        self.completed[task["taskId"]] = task

    def live_many(self, numbers: range, threads: int = 4) -> None:
        """Several lives at once."""
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.live, numbers))

    def totals(self) -> dict[str, tuple[int, int]]:
        """User → (created, completed), as the statistics must say."""
        completed = Counter(task["userId"] for task in self.completed.values())
        return {user: (self.created[user], completed[user]) for user in self.users}

    def reported_totals(self) -> dict[str, tuple[int, int]]:
        """User → (created, completed), as the statistics do say."""
        answers = {user: self._call("GET", f"/users/{user}/stats") for user in self.users}
        return {user: (answer["created"], answer["completed"]) for user, answer in answers.items()}

    def _unthrottled(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response | None:
        """The answer, or None where the gateway turned the request away before any function saw it."""
        answer = self.api.request(method, path, json=body)
        return None if answer.status_code == httpx.codes.TOO_MANY_REQUESTS else answer

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = eventually(lambda: self._unthrottled(method, path, body), f"{method} {path}, unthrottled")
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        if method != "GET":
            next(self.writes)
        return answer.json() if answer.content else {}
