"""Does what was deployed work? Asks the API, as a user would."""

import os
import time
import uuid
from dataclasses import dataclass

import httpx

from scripts.failure import Failure

SECONDS = 60.0
POLL_SECONDS = 1.0
TOKEN = "API_TOKEN"  # noqa: S105 - the name of the variable


@dataclass(frozen=True)
class Smoke:
    """What was tried. Without a token an API that wants one is only seen to stand."""

    checks: tuple[str, ...]
    seconds: float


def smoke_test(api: httpx.Client) -> Smoke:
    """A task's short life through the API; a Failure that says which step went wrong, and how.

    Statistics prove the way from the table by stream, bus and queue to the reactions.
    """
    started = time.monotonic()
    if token := os.environ.get(TOKEN):
        api.headers["authorization"] = f"Bearer {token}"
    _await_front_door(api)
    user = f"smoke-{uuid.uuid4().hex[:12]}"
    created = api.post("/tasks", json={"title": "Smoke test", "userId": user})
    if created.status_code == httpx.codes.UNAUTHORIZED and not token:
        return Smoke(("stands; asks who calls (set API_TOKEN to test more)",), time.monotonic() - started)
    task = _expect(created, httpx.codes.CREATED, "create a task").json()
    path = f"/tasks/{task['taskId']}"
    _expect(api.get(path), httpx.codes.OK, "read it")
    _expect(api.put(path, json={"status": "completed"}), httpx.codes.OK, "complete it")
    owner = task["userId"]  # who calls may be who owns
    _await_statistics(api, owner)
    _expect(api.delete(path), httpx.codes.NO_CONTENT, "delete it")
    checks = ("description", "create", "read", "complete", "statistics by the event chain", "delete")
    return Smoke(checks, time.monotonic() - started)


def _await_front_door(api: httpx.Client) -> None:
    """A new API takes a moment until it answers everywhere."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            answer = api.get("/openapi.json")
            if answer.status_code in (httpx.codes.OK, httpx.codes.UNAUTHORIZED):
                return
            seen = f"{answer.status_code} {answer.text[:200]}"
        except httpx.TransportError as error:
            seen = str(error)
        if time.monotonic() > end:
            raise Failure(f"smoke test: the API did not describe itself within {SECONDS:.0f} s: {seen}")
        time.sleep(POLL_SECONDS)


def _await_statistics(api: httpx.Client, user: str) -> None:
    end = time.monotonic() + SECONDS
    while True:
        found = _expect(api.get(f"/users/{user}/stats"), httpx.codes.OK, "read the statistics").json()
        if found["created"] and found["completed"]:
            return
        if time.monotonic() > end:
            raise Failure(f"smoke test: no event reached the statistics within {SECONDS:.0f} s: {found}")
        time.sleep(POLL_SECONDS)


def _expect(answer: httpx.Response, status: int, what: str) -> httpx.Response:
    if answer.status_code != status:
        raise Failure(f"smoke test: could not {what}: {answer.status_code} {answer.text[:300]}")
    return answer
