"""The OpenAPI 3.1 document of the API, rendered from the operations that stand beside the endpoints."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.api.openapi_examples import EXAMPLES, OWNER, problem_example
from services.api.openapi_security import require_token
from services.api.operation import Answer, Header, Operation, Parameter
from services.api.operations import OPERATIONS
from services.api.parameters import ACCEPT, CORRELATION_ID, ETAG, RETRY_AFTER
from services.api.problems import CONTENT_TYPE, Problem

VERSION = "1.0.0"

_TAGS = {
    "Tasks": "What is to be done: by whom, how urgent, and how far it is.",
    "Approval": "Nobody works on a task of high priority before it is approved.",
    "Statistics": "A user's totals, counted from events.",
    "Events": "What happened lately.",
}

_PROBLEM_HEADERS = {412: [ETAG], 415: [ACCEPT], 503: [RETRY_AFTER]}
_PROBLEM_DESCRIPTIONS = {
    400: "The request cannot be read.",
    404: "There is no such task.",
    409: "The task's present state does not permit this.",
    412: "What was asked for is at another version than If-Match names; ETag has it.",
    413: "The body is too large.",
    415: "The body is not application/json, or compressed.",
    422: "The request breaks a rule; `errors` names each field.",
    500: "Something went wrong on our side.",
    503: "A service we depend on does not answer; try again shortly.",
}


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
            "description": "Tasks, whose every effect follows from one write, through [events](docs/events). "
            "Errors are RFC 9457 problems. "
            "What answers GET answers HEAD, and OPTIONS names the methods of a path. "
            "In a query + is a space, and a plus sign is %2B.",
            "contact": {"name": "The operators of this deployment"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": ".", "description": "The deployment that this document comes from."}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }
    if authenticates:
        require_token(whole, {operation.name: operation.scope for operation in OPERATIONS if operation.scope})
    else:
        whole["security"] = []
        _require_owner(whole)
    return whole


def _require_owner(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["NewTask"]["required"].append("userId")
    content = document["paths"]["/tasks"]["post"]["requestBody"]["content"]["application/json"]
    content["example"] = content["example"] | {"userId": OWNER}


def _operation(operation: Operation) -> dict[str, Any]:
    answers = {str(status): _answer(answer) for status, answer in _answers(operation)}
    problems = {str(status): _problem(status) for status in [*operation.problems, 500, 503]}
    described: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "operationId": operation.name,
        "parameters": [*map(_parameter, operation.parameters), *_query(operation)],
        "responses": answers | problems,
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content("application/json", operation.body)}
    return described


def _answers(operation: Operation) -> Iterable[tuple[int, Answer]]:
    return (operation.answers or {}).items()


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {"name": parameter.name, "in": parameter.place}
    if parameter.place == "path":
        described["required"] = True
    if parameter.description:
        described["description"] = parameter.description
    return described | {"schema": parameter.schema}


def _header(header: Header) -> dict[str, Any]:
    return {"description": header.description, "schema": header.schema}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": answer.description,
        "headers": {header.name: _header(header) for header in (*answer.headers, CORRELATION_ID)},
    }
    if answer.model is not None:
        described["content"] = _content("application/json", answer.model)
    return described


def _problem(status: int) -> dict[str, Any]:
    content = _content(CONTENT_TYPE, Problem)
    content[CONTENT_TYPE]["example"] = problem_example(status)
    headers = (*_PROBLEM_HEADERS.get(status, ()), CORRELATION_ID)
    return {
        "description": _PROBLEM_DESCRIPTIONS[status],
        "headers": {header.name: _header(header) for header in headers},
        "content": content,
    }


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    if model in EXAMPLES:
        described["example"] = EXAMPLES[model]
    return {media_type: described}


def _query(operation: Operation) -> list[dict[str, Any]]:
    """Query parameters from a flat model; an optional one is left out, never null."""
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(ref_template="#/components/schemas/{model}")
    wanted, texts = schema.get("required", ()), operation.query_parameters or {}
    return [
        {
            "name": name,
            "in": "query",
            "description": texts[name],
            "required": name in wanted,
            "schema": _not_null(property_),
        }
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
