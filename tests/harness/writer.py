"""A writer of tasks that keeps the books of a load test: which events and totals must follow."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from clients.python.task_manager_client.models import Task
from load.books import Books
from load.ledger import events_after


@dataclass
class Writer:
    """Writes tasks of five users of its own, and enters each write into the books."""

    api: httpx.Client
    books: Books = field(default_factory=lambda: Books(f"writer-{uuid4().hex[:12]}-"))
    completed: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: Iterator[int] = field(default_factory=count)

    @property
    def users(self) -> list[str]:
        return [f"{self.books.prefix}{number}" for number in range(5)]

    def create(self, user: str, title: str) -> dict[str, Any]:
        """A new task of a user."""
        task = self._call("POST", "/tasks", {"title": title, "userId": user})
        self._expect("POST", user, task)
        return task

    def live(self, number: int) -> None:
        """A task's life in five writes; every third task is deleted before it is done."""
        user = self.users[number % len(self.users)]
        task = self.create(user, f"Task {number}")
        path = f"/tasks/{task['taskId']}"
        for changes in ({"status": "in_progress"}, {"title": f"Task {number}, again"}, {"tags": ["late"]}):
            task = self._call("PUT", path, changes)
            self._expect("PUT", user, task)
        if number % 3 == 2:
            self._call("DELETE", path)
            self._expect("DELETE", user, task)
            return
        task = self._call("PUT", path, {"status": "completed"})
        self._expect("PUT", user, task)
        self.completed[task["taskId"]] = task

    def live_many(self, numbers: range, threads: int = 4) -> None:
        """Several lives at once."""
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.live, numbers))

    def reported_totals(self) -> dict[str, tuple[int, int]]:
        """User → (created, completed), as the statistics do say."""
        answers = {user: self._call("GET", f"/users/{user}/stats") for user in self.books.totals()}
        return {user: (answer["created"], answer["completed"]) for user, answer in answers.items()}

    def _expect(self, method: str, user: str, task: dict[str, Any]) -> None:
        self.books.expect(user, events_after(method, Task.from_dict(task)))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        if method != "GET":
            next(self.writes)
        return answer.json() if answer.content else {}
