"""What the rows of the API's contract have in common: making tasks, and reading refusals."""

from typing import Any

import httpx

UNKNOWN = "0198c1d2-7b3e-7a1f-8c2d-1234567890ab"

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


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = api.post("/tasks", json={"title": "Water the plants", "userId": "ada"} | fields)
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


def approval_of(task: dict[str, Any]) -> str:
    return f"/tasks/{task['taskId']}/approval"
