"""Does what was deployed work? Calls the API, as a user would."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from scripts.base.failure import Failure
from scripts.base.progress import Update
from scripts.base.waiting import SYSTEM_CLOCK, Clock, until

SECONDS = 60.0
# Lambda takes up to several minutes to read from a new stream mapping:
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
FIRST_SECONDS = 300.0
POLL_SECONDS = 1.0
# Worth a retry: a new account has ten concurrent executions in all, which it shares with readers of queues.
FOR_NOW = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Smoke:
    """What was tested. Without a token, of an API that requires one, only whether it answers."""

    checks: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Patience:
    """How long the test waits for what takes a while (seconds), and by which clock."""

    seconds: float | None = None
    """None: SECONDS."""
    clock: Clock = SYSTEM_CLOCK
    report: Update = lambda _: None

    def until(self, done: Callable[[], str | None], what: str) -> None:
        """Return when `done` gives None; a Failure with what it gave last when the time is over."""
        seconds = SECONDS if self.seconds is None else self.seconds
        started = self.clock.now()

        def look() -> str | None:
            if (seen := done()) is not None:
                self.report(f"{self.clock.now() - started:.0f} of {seconds:.0f} s at most, {seen}")
            return seen

        seen = until(look, lambda seen: seen is None, seconds=seconds, poll=POLL_SECONDS, clock=self.clock)
        if seen is not None:
            raise Failure(f"smoke test: {what} within {seconds:.0f} s: {seen}")


def smoke_test(api: httpx.Client, patience: Patience | None = None) -> Smoke:
    """A task's short life through the API; a Failure that says which step went wrong, and how.

    Statistics prove the way from the table by stream, bus and queue to the reactions.
    """
    return _Life(api, patience or Patience()).run()


class _Life:
    """The task's life, call by call."""

    def __init__(self, api: httpx.Client, patience: Patience) -> None:
        self._api = api
        self._patience = patience

    def run(self) -> Smoke:
        started = self._patience.clock.now()
        self._await_front_door()
        known = "authorization" in self._api.headers
        # With a token the task belongs to its subject: another owner requires tasks/admin.
        owner = {} if known else {"userId": f"smoke-{uuid.uuid4().hex[:12]}"}
        created = self._call("POST", "/tasks", {"title": "Smoke test", **owner})
        if created.status_code == httpx.codes.UNAUTHORIZED and not known:
            told = "the API answers and requires a token (set API_TOKEN to test more)"
            return Smoke((told,), self._patience.clock.now() - started)
        task = _expect(created, httpx.codes.CREATED, "create a task").json()
        path = f"/tasks/{task['taskId']}"
        _expect(self._call("GET", path), httpx.codes.OK, "read the task")
        # A subject may have completed tasks before.
        before = self._totals(task["userId"])
        _expect(self._call("PUT", path, {"status": "completed"}), httpx.codes.OK, "complete the task")
        self._await_statistics(task["userId"], before["completed"])
        _expect(self._call("DELETE", path), httpx.codes.NO_CONTENT, "delete the task")
        checks = ("description", "create", "read", "complete", "statistics by the event chain", "delete")
        return Smoke(checks, self._patience.clock.now() - started)

    def _await_front_door(self) -> None:
        """Wait until a new API answers, which may take a moment."""

        def describes_itself() -> str | None:
            try:
                answer = self._api.get("/openapi.json")
            except httpx.TransportError as error:
                return str(error)
            if answer.status_code in (httpx.codes.OK, httpx.codes.UNAUTHORIZED):
                return None
            return f"{answer.status_code} {answer.text[:200]}"

        self._patience.until(describes_itself, "the API did not serve its OpenAPI document")

    def _await_statistics(self, user: str, completed: int) -> None:
        def counted() -> str | None:
            found = self._totals(user)
            return None if found["created"] and found["completed"] > completed else str(found)

        self._patience.until(counted, "no event reached the statistics")

    def _totals(self, user: str) -> dict[str, Any]:
        answer = self._call("GET", f"/users/{user}/stats")
        return dict(_expect(answer, httpx.codes.OK, "read the statistics").json())

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        """The answer, after repetitions where the call was lost or refused for now.

        Repeating is harmless: the key makes a second POST the first, and a DELETE that finds nothing left has
        worked the time before.
        """
        key = {"idempotency-key": uuid.uuid4().hex} if method == "POST" else {}
        answers: list[httpx.Response] = []
        tries = 0

        def answered() -> str | None:
            nonlocal tries
            tries += 1
            try:
                answer = self._api.request(method, path, json=body, headers=key)
            except httpx.TransportError as error:
                return f"{method} {path}: {error!r}"
            if answer.status_code in FOR_NOW:
                return f"{method} {path}: {answer.status_code} {answer.text[:200]}"
            answers.append(answer)
            return None

        self._patience.until(answered, f"could not {method} {path}")
        (answer,) = answers
        if method == "DELETE" and tries > 1 and answer.status_code == httpx.codes.NOT_FOUND:
            return httpx.Response(httpx.codes.NO_CONTENT, request=answer.request)
        return answer


def _expect(answer: httpx.Response, status: int, what: str) -> httpx.Response:
    if answer.status_code != status:
        raise Failure(f"smoke test: could not {what}: {answer.status_code} {answer.text[:300]}")
    return answer
