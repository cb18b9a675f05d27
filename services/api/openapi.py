"""The OpenAPI 3.1 document of the API, from the same models that read requests and write answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.api.get_user_statistics import StatisticsQuery
from services.api.list_events import EventList, EventsQuery
from services.api.list_tasks import ListQuery, TaskPage
from services.api.openapi_security import require_token
from services.api.problems import CONTENT_TYPE, Problem
from services.core.approvals import ApprovalRequest
from services.core.callers import Scope
from services.core.statistics import UserStatistics
from services.core.task import MAX_USER_ID, USER_ID_PATTERN, Approval, NewTask, Task, TaskChanges

VERSION = "1.0.0"

_ETAG = {"ETag": {"description": "The task's version.", "schema": {"type": "string"}}}
_LIST_ETAG = {"ETag": {"description": "Which events these are.", "schema": {"type": "string"}}}
_TASK_ID = {
    "name": "taskId",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_USER_ID = {
    "name": "userId",
    "in": "path",
    "required": True,
    "description": "Without / ? # %, which not every front door takes in a path: see GET /users/stats.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_USER_ID,
        "allOf": [{"pattern": USER_ID_PATTERN}, {"pattern": "^[^/?#%]+$"}],
    },
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a retry safe for 24 hours: the same key and body get the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}


def _precondition(name: str, description: str) -> dict[str, Any]:
    tag = r'(W/)?"[!#-~]*"'
    schema = {"type": "string", "format": "entity-tags", "pattern": rf"^(\*|{tag}( *, *{tag})*)$"}
    return {"name": name, "in": "header", "description": description, "schema": schema}


_IF_MATCH = _precondition("If-Match", "Only if the task is at this version; else 412.")
_IF_NONE_MATCH = _precondition("If-None-Match", "Only if the task is not at this version; else 304.")
_IF_NONE_MATCH_EVENTS = _precondition("If-None-Match", "Only if there are other events; else 304.")


@dataclass(frozen=True)
class Answer:
    """What a status means, and what comes with it."""

    description: str
    model: type[BaseModel] | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One route: what it takes and what it may answer; `problems` are the error statuses.

    Where callers have to be known, their tokens need the `scope`.
    """

    name: str
    summary: str
    scope: Scope
    answers: Mapping[int, Answer]
    problems: Sequence[int] = ()
    parameters: Sequence[Mapping[str, Any]] = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    description: str = ""


_PROBLEM_DESCRIPTIONS = {
    400: "The request cannot be read.",
    404: "There is no such task.",
    409: "The task's present state does not permit this.",
    412: "The task is not at the version that If-Match names.",
    413: "The body is too large.",
    422: "The request breaks a rule; `errors` names each field.",
    500: "Something went wrong on our side.",
    503: "A service we depend on does not answer; try again shortly.",
}

OPERATIONS: Mapping[str, Operation] = {
    "POST /tasks": Operation(
        name="createTask",
        summary="Create a task",
        scope=Scope.WRITE,
        parameters=[_IDEMPOTENCY_KEY],
        body=NewTask,
        answers={
            201: Answer(
                "The task. High priority begins in pending_approval.",
                Task,
                _ETAG
                | {
                    "Location": {
                        "description": "The task, relative to the URL of the request.",
                        "schema": {"type": "string", "format": "uri-reference"},
                    },
                    "Idempotency-Replayed": {
                        "description": "true when this is the answer to an earlier request.",
                        "schema": {"type": "string", "const": "true"},
                    },
                },
            )
        },
        problems=[400, 413, 422],
    ),
    "GET /tasks": Operation(
        name="listTasks",
        summary="List tasks, newest first",
        scope=Scope.READ,
        query=ListQuery,
        answers={200: Answer("A page of tasks.", TaskPage)},
        problems=[400, 422],
    ),
    "GET /tasks/{taskId}": Operation(
        name="getTask",
        summary="Read a task",
        scope=Scope.READ,
        parameters=[_TASK_ID, _IF_NONE_MATCH],
        answers={
            200: Answer("The task.", Task, _ETAG),
            304: Answer("The caller has this version.", None, _ETAG),
        },
        problems=[400, 404],
    ),
    "PUT /tasks/{taskId}": Operation(
        name="updateTask",
        summary="Change a task",
        description="A new title or description ends the approval of a task that is approved: with high "
        "priority it goes back to pending_approval, otherwise to pending. Where work on an approved task has "
        "begun or ended, and where a task was rejected, they are refused with 409.",
        scope=Scope.WRITE,
        parameters=[_TASK_ID, _IF_MATCH],
        body=TaskChanges,
        answers={200: Answer("The task as it now is.", Task, _ETAG)},
        problems=[400, 404, 409, 412, 413, 422],
    ),
    "DELETE /tasks/{taskId}": Operation(
        name="deleteTask",
        summary="Delete a task",
        scope=Scope.WRITE,
        parameters=[_TASK_ID, _IF_MATCH],
        answers={204: Answer("The task is gone.")},
        problems=[400, 404, 409, 412],
    ),
    "POST /tasks/{taskId}/approval": Operation(
        name="decideApproval",
        summary="Approve or reject a high-priority task",
        description="The decision counts for the version of the task that If-Match names, else for the one "
        "that is stored now, and for no other: if the task changes before the decision has reached it, "
        "approval is asked for again.",
        scope=Scope.APPROVE,
        parameters=[_TASK_ID, _IF_MATCH],
        body=ApprovalRequest,
        answers={202: Answer("The decision is written; the task follows in a moment.", Approval)},
        problems=[400, 404, 409, 412, 413, 422],
    ),
    "GET /users/{userId}/stats": Operation(
        name="getUserStatistics",
        summary="Read a user's totals",
        scope=Scope.READ,
        parameters=[_USER_ID],
        answers={200: Answer("The totals; zeros for an unknown user.", UserStatistics)},
        problems=[422],
    ),
    "GET /users/stats": Operation(
        name="findUserStatistics",
        summary="Read a user's totals, whatever characters the userId has",
        scope=Scope.READ,
        query=StatisticsQuery,
        answers={200: Answer("The totals; zeros for an unknown user.", UserStatistics)},
        problems=[422],
    ),
    "GET /events": Operation(
        name="listEvents",
        summary="See what happened lately, with latencies",
        scope=Scope.READ,
        query=EventsQuery,
        parameters=[_IF_NONE_MATCH_EVENTS],
        answers={
            200: Answer("The newest events of the last hour.", EventList, _LIST_ETAG),
            304: Answer("Nothing new has happened.", None, _LIST_ETAG),
        },
        problems=[400, 422],
    ),
}


def document(*, authenticates: bool) -> dict[str, Any]:
    """The whole document, for deployments where callers have to be known or for those where not.

    Servers are relative to where it was fetched, so it fits all of either kind.
    """
    paths: dict[str, dict[str, Any]] = {}
    for route, operation in OPERATIONS.items():
        method, path = route.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(operation)
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Task manager",
            "version": VERSION,
            "description": "Tasks, whose every effect follows from one write. Errors are RFC 9457 problems. "
            "In a query + is a space, and a plus sign is %2B.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "./"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }
    if authenticates:
        require_token(whole, {operation.name: operation.scope for operation in OPERATIONS.values()})
    else:
        whole["components"]["schemas"]["NewTask"]["required"].append("userId")
    return whole


def _operation(operation: Operation) -> dict[str, Any]:
    answers = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    problems = {str(status): _problem(status) for status in [*operation.problems, 500, 503]}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.name,
        "parameters": [*operation.parameters, *_query(operation.query)],
        "responses": answers | problems,
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content("application/json", operation.body)}
    return described


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": answer.description,
        "headers": dict(answer.headers) | {"x-correlation-id": {"schema": {"type": "string"}}},
    }
    if answer.model is not None:
        described["content"] = _content("application/json", answer.model)
    return described


def _problem(status: int) -> dict[str, Any]:
    return {"description": _PROBLEM_DESCRIPTIONS[status], "content": _content(CONTENT_TYPE, Problem)}


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    """Query parameters from a flat model; an optional one is left out, never null."""
    if model is None:
        return []
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    wanted = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in wanted, "schema": _not_null(property_)}
        for name, property_ in schema["properties"].items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    return {name: value for name, value in options[0].items() if name != "title"}


def _schemas() -> dict[str, Any]:
    requests = [op.body for op in OPERATIONS.values() if op.body]
    answers = [answer.model for op in OPERATIONS.values() for answer in op.answers.values() if answer.model]
    answers.append(Problem)
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in dict.fromkeys(requests)),
        *((model, "serialization") for model in dict.fromkeys(answers)),
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return dict(schemas["$defs"])
