"""The OpenAPI 3.1 document of the API, rendered from the operations that stand beside the endpoints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.api import (
    create_task,
    decide_approval,
    delete_task,
    get_task,
    get_user_statistics,
    list_events,
    list_tasks,
    update_task,
)
from services.api.openapi_security import require_token
from services.api.operation import Answer, Header, Operation, Parameter
from services.api.problems import CONTENT_TYPE, Problem
from services.core.task import MAX_USER_ID, USER_ID_PATTERN

VERSION = "1.0.0"

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


_PARAMETERS: Mapping[Parameter, Mapping[str, Any]] = {
    Parameter.TASK_ID: _TASK_ID,
    Parameter.USER_ID: _USER_ID,
    Parameter.IDEMPOTENCY_KEY: _IDEMPOTENCY_KEY,
    Parameter.IF_MATCH: _precondition("If-Match", "Only if the task is at this version; else 412."),
    Parameter.IF_NONE_MATCH: _precondition(
        "If-None-Match", "Only if the task is not at this version; else 304."
    ),
    Parameter.IF_NONE_MATCH_EVENTS: _precondition(
        "If-None-Match", "Only if there are other events; else 304."
    ),
}
_HEADERS: Mapping[Header, Mapping[str, Any]] = {
    Header.ETAG: {"description": "The task's version.", "schema": {"type": "string"}},
    Header.ETAG_OF_EVENTS: {"description": "Which events these are.", "schema": {"type": "string"}},
    Header.LOCATION: {
        "description": "The task, relative to the URL of the request.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    Header.IDEMPOTENCY_REPLAYED: {
        "description": "true when this is the answer to an earlier request.",
        "schema": {"type": "string", "const": "true"},
    },
}

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

# In the order of the document.
OPERATIONS: Sequence[Operation] = (
    create_task.OPERATION,
    list_tasks.OPERATION,
    get_task.OPERATION,
    update_task.OPERATION,
    delete_task.OPERATION,
    decide_approval.OPERATION,
    get_user_statistics.OPERATION,
    get_user_statistics.BY_QUERY,
    list_events.OPERATION,
)


def document(*, authenticates: bool) -> dict[str, Any]:
    """The whole document, for deployments where callers have to be known or for those where not.

    Servers are relative to where it was fetched, so it fits all of either kind.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        method, path = operation.route.split(" ")
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
        require_token(whole, {operation.name: operation.scope for operation in OPERATIONS if operation.scope})
    else:
        whole["components"]["schemas"]["NewTask"]["required"].append("userId")
    return whole


def _operation(operation: Operation) -> dict[str, Any]:
    answers = {str(status): _answer(answer) for status, answer in _answers(operation)}
    problems = {str(status): _problem(status) for status in [*operation.problems, 500, 503]}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.name,
        "parameters": [*(_PARAMETERS[name] for name in operation.parameters), *_query(operation.query)],
        "responses": answers | problems,
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content("application/json", operation.body)}
    return described


def _answers(operation: Operation) -> Iterable[tuple[int, Answer]]:
    return (operation.answers or {}).items()


def _headers(answer: Answer) -> dict[str, Any]:
    """The answer's own headers, by the names that they are sent under."""
    return {name.partition(",")[0]: _HEADERS[name] for name in answer.headers}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": answer.description,
        "headers": _headers(answer) | {"x-correlation-id": {"schema": {"type": "string"}}},
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
    requests = [operation.body for operation in OPERATIONS if operation.body]
    answers = [answer.model for operation in OPERATIONS for _, answer in _answers(operation) if answer.model]
    answers.append(Problem)
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in dict.fromkeys(requests)),
        *((model, "serialization") for model in dict.fromkeys(answers)),
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return dict(schemas["$defs"])
