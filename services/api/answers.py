"""The answers that more than one endpoint gives."""

from http import HTTPStatus

from services.api.request import entity_tag
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


def no_content() -> Response:
    """204."""
    return Response(HTTPStatus.NO_CONTENT.value, None, _NOTHING)
