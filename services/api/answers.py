"""The answers that more than one endpoint gives."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

from services.api.request import Request, entity_tag
from services.api.response import Response
from services.core.task import Task

JSON = "application/json"

# Not None: API Gateway treats a null body as empty, the local clouds do not.
_NOTHING = ""


def task_answer(
    task: Task, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """A task, with its version as the ETag."""
    return Response(status.value, JSON, task.as_json(), {"ETag": entity_tag(task)} | (headers or {}))


def not_modified(task: Task) -> Response:
    """304: the caller has this version."""
    return Response(HTTPStatus.NOT_MODIFIED.value, None, _NOTHING, {"ETag": entity_tag(task)})


def read_answer(
    request: Request,
    body: str,
    *,
    content_type: str = JSON,
    tag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """200 with the body, or 304 if the caller has just this; its ETag is the body's digest, unless given.

    Raises VersionMismatch where If-Match names another, and MalformedInput.
    """
    tag = tag or hashlib.sha256(body.encode()).hexdigest()[:16]
    headers = {"ETag": f'"{tag}"'} | dict(headers or {})
    if request.has(tag):
        return Response(HTTPStatus.NOT_MODIFIED.value, None, _NOTHING, headers)
    return Response(HTTPStatus.OK.value, content_type, body, headers)


def no_content() -> Response:
    """204."""
    return Response(HTTPStatus.NO_CONTENT.value, None, _NOTHING)
