"""What a refused caller reads: the words say what was wrong and what to do instead.

The contract (tests/contracts/api) has the statuses of far more cases, on every deployment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest

from services.api.request import MAX_BODY_BYTES
from services.core.listing import TaskFilter, encode_cursor
from services.core.status import Priority, Status
from services.core.task import Task
from tests.contracts.api import UNKNOWN
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client


class Refused(NamedTuple):
    """A request, the answer's status, problem type and detail, and what else is in the problem."""

    method: str
    path: str
    how: dict[str, Any]
    status: int
    kind: str
    detail: str
    more: Mapping[str, Any] = MappingProxyType({})


def task_of(number: int, **fields: Any) -> Task:
    return a_task(task_id=f"0198c1d2-7b3e-7a1f-8c2d-{number:012}", **fields)


PENDING = task_of(1)
WAITING = task_of(2, priority=Priority.HIGH, status=Status.PENDING_APPROVAL)
WORKED_ON = task_of(3, status=Status.IN_PROGRESS)
DONE = task_of(4, status=Status.COMPLETED)
APPROVED = task_of(5, priority=Priority.HIGH, status=Status.APPROVED, approval=an_approval())


def path_of(task: Task) -> str:
    return f"/tasks/{task.task_id}"


def errors(*found: tuple[str, str]) -> dict[str, Any]:
    return {"errors": [{"pointer": pointer, "detail": detail} for pointer, detail in found]}


def put(task: Task, changes: dict[str, Any], detail: str, current: Status, *allowed: str) -> Refused:
    more = {"currentStatus": current, "allowedStatuses": list(allowed)}
    return Refused("PUT", path_of(task), {"json": changes}, 409, "conflict", detail, more)


NEW = {"title": "a", "userId": "ada"}
NOT_JSON = "The body is not JSON in UTF-8."
TAGS = 'expected * or entity tags such as "3", as the ETag header gave them'
CURSOR = "belongs to a listing with other filters; start again without it"

REFUSED = [
    Refused(
        *("POST", "/tasks", {"json": {"title": "a"}}, 422, "invalid-input", "#/userId: Field required"),
        errors(("#/userId", "Field required")),
    ),
    Refused(
        *("POST", "/tasks", {"json": NEW | {"tags": ["b", "b"], "a/b~": 1}}, 422, "invalid-input"),
        "#/tags: tags must be distinct; #/a~1b~0: Extra inputs are not permitted",
        errors(("#/tags", "tags must be distinct"), ("#/a~1b~0", "Extra inputs are not permitted")),
    ),
    Refused(
        *("POST", "/tasks", {"json": NEW | {"userId": "a\u200bb"}}, 422, "invalid-input"),
        "#/userId: only visible characters and spaces are allowed",
        errors(("#/userId", "only visible characters and spaces are allowed")),
    ),
    *(
        Refused(
            *("POST", "/tasks", {"json": NEW | {field: value}}, 422, "invalid-input"),
            f"#/{pointer}: the characters U+FFFE and U+FFFF are not allowed",
            errors((f"#/{pointer}", "the characters U+FFFE and U+FFFF are not allowed")),
        )
        for field, value, pointer in (
            ("title", "a\uffff", "title"),
            ("description", "\ufffe", "description"),
            ("tags", ["a", "\uffffb"], "tags/1"),
        )
    ),
    Refused(
        *("POST", "/tasks", {"content": b"\xff", "headers": {"Content-Type": "application/json"}}),
        *(400, "malformed-input", NOT_JSON),
    ),
    Refused(
        *("POST", "/tasks", {"content": b" "}, 400, "malformed-input"),
        "The body is empty; a JSON object is expected.",
    ),
    Refused(
        *("POST", "/tasks", {"content": b" " * (MAX_BODY_BYTES + 1)}, 413, "input-too-large"),
        "The body is larger than 131072 bytes.",
    ),
    Refused(
        *("POST", "/tasks", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
        *(415, "unsupported-content", "The body must be application/json."),
    ),
    Refused(
        *("POST", "/tasks", {"json": NEW, "headers": {"Content-Encoding": "gzip"}}),
        *(415, "unsupported-content", "The body must not be compressed."),
    ),
    Refused(
        *("POST", "/tasks", {"json": NEW, "headers": {"Idempotency-Key": " "}}, 422, "invalid-input"),
        "header/Idempotency-Key: expected 1 to 255 printable characters",
        errors(("header/Idempotency-Key", "expected 1 to 255 printable characters")),
    ),
    Refused(
        *("POST", "/tasks", {"json": NEW, "headers": {"Idempotency-Key": "used"}}),
        *(422, "idempotency-key-reused", "This Idempotency-Key was used with another request body."),
    ),
    Refused(
        *("GET", f"/tasks/{UNKNOWN}", {}, 404, "task-not-found"),
        f"There is no task with taskId {UNKNOWN!r}.",
    ),
    Refused(
        *("GET", path_of(PENDING), {"headers": {"If-Match": '"9"'}}, 412, "version-mismatch"),
        "What is here now has another entity tag than If-Match names.",
    ),
    Refused(
        *("GET", path_of(PENDING), {"headers": {"If-Match": '"9"', "If-None-Match": "1"}}),
        *(400, "malformed-input", "If-None-Match cannot be read."),
        errors(("header/If-None-Match", TAGS)),
    ),
    Refused(
        *("GET", path_of(PENDING), {"headers": {"If-None-Match": "1"}}, 400, "malformed-input"),
        "If-None-Match cannot be read.",
        errors(("header/If-None-Match", TAGS)),
    ),
    Refused(
        *("PUT", path_of(PENDING), {"json": {"title": "b"}, "headers": {"If-Match": "1"}}),
        *(400, "malformed-input", "If-Match cannot be read.", errors(("header/If-Match", TAGS))),
    ),
    Refused(
        *("PUT", path_of(PENDING), {"json": {"title": "b"}, "headers": {"If-Match": '"9"'}}),
        *(412, "version-mismatch"),
        "The task is at version 1, which If-Match or If-None-Match excludes.",
    ),
    Refused(
        *("PUT", path_of(PENDING), {"json": {}}, 422, "invalid-input"),
        "#: give at least one of title, description, status, priority, tags",
        errors(("#", "give at least one of title, description, status, priority, tags")),
    ),
    put(
        *(PENDING, {"status": "approved"}),
        "status cannot go from pending to approved; allowed: in_progress, completed.",
        *(Status.PENDING, "in_progress", "completed"),
    ),
    put(
        *(DONE, {"status": "pending"}),
        "status cannot go from completed to pending; no status can be set from here.",
        Status.COMPLETED,
    ),
    put(
        *(WAITING, {"priority": "low"}, "priority is locked while approval is pending."),
        Status.PENDING_APPROVAL,
    ),
    put(
        *(WORKED_ON, {"priority": "high"}),
        "priority can be raised to high only while the task is pending, and without setting status: "
        "it is in_progress, and high priority needs an approval first.",
        Status.IN_PROGRESS,
    ),
    put(
        *(APPROVED, {"title": "b", "status": "in_progress"}),
        "status cannot be set together with title or description of an approved task: "
        "changing them ends its approval.",
        Status.APPROVED,
    ),
    Refused(
        *("POST", f"{path_of(PENDING)}/approval", {"json": {"decision": "approve"}}, 409, "conflict"),
        "No approval is pending: the task is pending.",
        {"currentStatus": "pending", "allowedStatuses": []},
    ),
    Refused(
        *("POST", f"{path_of(WAITING)}/approval", {"json": {"decision": "approve"}}, 409, "conflict"),
        "The approval was decided before: reject by grace at 2026-01-31T12:00:00.000Z.",
        {"currentStatus": "pending_approval", "allowedStatuses": []},
    ),
    Refused(
        *("GET", "/tasks", {"params": {"cursor": "nonsense"}}, 400, "malformed-input"),
        "cursor was not issued by this API.",
        errors(("query/cursor", "was not issued by this API")),
    ),
    Refused(
        *("GET", "/tasks", {"params": {"status": "pending", "cursor": encode_cursor(TaskFilter(), UNKNOWN)}}),
        *(400, "malformed-input", f"cursor {CURSOR}.", errors(("query/cursor", CURSOR))),
    ),
    Refused(
        *("GET", "/tasks?limit=1&status=pending&limit=2", {}, 422, "invalid-input"),
        "query/limit: expected once, and given more often",
        errors(("query/limit", "expected once, and given more often")),
    ),
    Refused(
        *("PATCH", "/tasks", {}, 405, "method-not-allowed", "This path allows POST, GET, HEAD, OPTIONS."),
    ),
    Refused(
        *("GET", "/nothing", {}, 404, "no-such-route"),
        "There is nothing at this path; GET /docs lists what there is.",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def api() -> httpx.Client:
    services = FakeServices()
    for task in (PENDING, WAITING, WORKED_ON, DONE, APPROVED):
        services.tasks.put_new(task, "cause")
    services.approvals.decide(WAITING.task_id, an_approval("reject"), "another")
    client = gateway_client(services)
    client.post("/tasks", json=NEW | {"title": "first"}, headers={"Idempotency-Key": "used"})
    return client


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: f"{refused.method} {refused.detail[:60]}")
def test_a_refusal_says_what_was_wrong(api: httpx.Client, refused: Refused) -> None:
    answer = api.request(refused.method, refused.path, **refused.how)

    problem = answer.json()
    fixed = {name: problem.pop(name) for name in ("title", "instance", "correlationId")}
    if refused.detail == NOT_JSON:  # the parser's own words, with the place
        assert problem.pop("errors")[0]["pointer"] == "#"
    assert problem == {
        "type": f"urn:task-manager:problem:{refused.kind}",
        "status": refused.status,
        "detail": refused.detail,
        **refused.more,
    }
    assert fixed["instance"] == httpx.URL(refused.path).path
    assert fixed["title"] == {422: "Unprocessable Content", 413: "Content Too Large"}.get(
        refused.status, answer.reason_phrase
    )
    assert answer.status_code == refused.status


CALLERS = [
    (None, "GET", "/tasks", 401, "not-authenticated", "This needs a valid token: Authorization: Bearer …."),
    (
        *({"sub": "", "scope": "tasks/read"}, "GET", "/tasks", 401, "not-authenticated"),
        "The token's subject is not a userId: 1 to 255 visible characters.",
    ),
    (
        *({"sub": "eve", "scope": "tasks/write"}, "GET", "/tasks", 403, "insufficient-scope"),
        "This needs a token with the scope tasks/read.",
    ),
    (
        *({"sub": "eve", "scope": "tasks/read"}, "GET", "/users/ada/stats", 403, "forbidden"),
        "userId is not the token's subject 'eve': that needs tasks/admin.",
    ),
    (
        *({"sub": "ada", "scope": "tasks/approve"}, "POST", f"{path_of(WAITING)}/approval", 403, "forbidden"),
        "Users cannot decide on their own tasks: another user has to.",
    ),
]


@pytest.mark.parametrize(("claims", "method", "path", "status", "kind", "detail"), CALLERS)
def test_a_caller_who_may_not_reads_why(
    claims: dict[str, str] | None, method: str, path: str, status: int, kind: str, detail: str
) -> None:
    services = FakeServices(authenticates=True)
    services.tasks.put_new(WAITING, "cause")

    answer = gateway_client(services, claims=claims).request(
        method, path, json={"decision": "approve"} if method == "POST" else None
    )

    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["detail"]) == (
        *(status, f"urn:task-manager:problem:{kind}"),
        detail,
    )


def test_another_approver_than_the_subject_is_refused_by_name() -> None:
    services = FakeServices(authenticates=True)
    services.tasks.put_new(WAITING, "cause")
    client = gateway_client(services, claims={"sub": "grace", "scope": "tasks/approve"})

    answer = client.post(f"{path_of(WAITING)}/approval", json={"decision": "approve", "approver": "eve"})

    assert answer.json()["detail"] == "approver must be the token's subject 'grace': leave it out."
