"""The HTTP client of the checks: notes what it creates, and tries again when the gateway throttles it."""

import json
import time
from typing import Any

import httpx

from scripts.verification.made import RANDOM, Made

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
# On a throttled function an HTTP API answers 503, as it does on a time-out: only what may be repeated is.
REPEATABLE = ("GET", "PUT", "DELETE")
KEY = "idempotency-key"


class CheckingClient(httpx.Client):
    """A client of the API whose tasks, users and archived objects are noted, to be removed afterwards."""

    def __init__(self, made: Made, **settings: Any) -> None:
        super().__init__(**settings)
        self._made = made

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send, and send again after a pause when the gateway refused before any function saw the request."""
        creates = request.method == "POST" and request.url.path.endswith("/tasks")
        if creates and (owner := _user_id(request.read())):
            self._made.user(owner)
        answer = super().send(request, **options)
        for seconds in WAITS:
            if not throttled(request, answer):
                break
            time.sleep(seconds)
            answer = super().send(request, **options)
        if creates and answer.status_code == httpx.codes.CREATED:
            self._note(answer.json())
        if request.method == "PUT" and answer.status_code == httpx.codes.OK:
            self._note_archived(answer.json())
        return answer

    def _note(self, task: dict[str, Any]) -> None:
        self._made.task(task["taskId"], task["userId"])
        if not RANDOM.search(task["userId"]):
            raise AssertionError(f"a check created a task of {task['userId']!r}, whom others may be")

    def _note_archived(self, task: dict[str, Any]) -> None:
        if task.get("status") == "completed":
            self._made.archive(f"tasks/{task['updatedAt'][:10].replace('-', '/')}/{task['taskId']}.json")


def throttled(request: httpx.Request, answer: httpx.Response) -> bool:
    """Whether the gateway itself refused for now: every answer of ours has a correlation id."""
    if "x-correlation-id" in answer.headers:
        return False
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return True
    repeatable = request.method in REPEATABLE or KEY in request.headers
    return repeatable and answer.status_code == httpx.codes.SERVICE_UNAVAILABLE


def _user_id(body: bytes) -> str:
    try:
        owner = json.loads(body)["userId"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return owner if isinstance(owner, str) else ""
