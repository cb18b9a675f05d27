"""Shared steps of the API's contract: creating tasks, listing them, and checking problems."""

from typing import Any
from uuid import uuid4

import httpx

from tests.harness.waiting import until

UNKNOWN = "0198c1d2-7b3e-7a1f-8c2d-1234567890ab"
UNKNOWN_IDS = [UNKNOWN, UNKNOWN.upper(), "1", "%20", "x" * 300, "..%2f..", "%F0%9F%8C%8D", "'"]
UNREADABLE_TAGS = ["1", '"1', "W/1", '"1" "2"']
OWNER = f"contract-{uuid4().hex[:12]}"
"""The owner of the contract's tasks: random, because others may use the deployment, too."""
LISTED_SECONDS = 10

SUBJECTS = (
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "google-oauth2|108204268033311374519",
    "ada+lists@example.com",
    "https://issuer.example/users/42?tenant=a&b=c#me",
    "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "CN=Ada Lovelace,O=Engine,C=GB",
    "100%20",
    "..",
    "Ädä 世界 🌍",
    "<script>'\"{}$",
    "x" * 255,
)
"""User ids as issuers make them, and others that RFC 7519 allows."""


def of_a_run(subject: str) -> str:
    """The subject with a random suffix: the checked deployment may have a user of this name."""
    random = uuid4().hex[:12]
    return subject[: 255 - len(random)] + random


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    body = {"title": "Water the plants", "userId": OWNER} | fields
    answer = api.post("/tasks", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def assert_problem(answer: httpx.Response, status: int, pointer: str | None = None) -> dict[str, Any]:
    """An RFC 9457 problem of this status that names what was wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = dict(answer.json())
    assert problem["status"] == status
    assert problem["type"].startswith("urn:task-manager:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert problem["correlationId"] == answer.headers["x-correlation-id"]
    assert "Traceback" not in answer.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
        assert all(error["detail"] for error in problem["errors"])
    return problem


def listed(api: httpx.Client, expected: list[str], **params: str) -> dict[str, Any]:
    """The page of tasks with these filters, once its ids are the expected ones: indexes lag on AWS."""

    def page() -> dict[str, Any]:
        return dict(api.get("/tasks", params=params).json())

    def whole(found: dict[str, Any]) -> bool:
        return [task["taskId"] for task in found["tasks"]] == expected

    return until(page, whole, f"listing {expected} by {params}", LISTED_SECONDS)


def naming(subject: str | None, approver: str) -> dict[str, str]:
    """The field that names an approver; empty if the token names the approver."""
    return {"approver": approver} if subject is None else {}


def approval_of(task: dict[str, Any]) -> str:
    return f"/tasks/{task['taskId']}/approval"


def assert_not_found(answer: httpx.Response, task_id: str) -> None:
    """404; the problem names the id if the id reaches the API unchanged."""
    assert answer.status_code == 404
    if task_id in (UNKNOWN, "1"):
        assert task_id in assert_problem(answer, 404)["detail"]
