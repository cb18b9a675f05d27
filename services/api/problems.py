"""The one table from errors to HTTP answers: application/problem+json, RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import ValidationError

from services.api.response import Response
from services.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    IdempotencyKeyReused,
    InputTooLarge,
    InsufficientScope,
    InvalidInput,
    LostRace,
    MalformedInput,
    ServiceUnavailable,
    TaskNotFound,
    VersionMismatch,
)
from services.core.status import Status
from services.core.task import Absent, Model

CONTENT_TYPE = "application/problem+json"


class Refusal(Exception):
    """The request is refused for its form, before any rule of the domain applies."""


class RouteNotFound(Refusal):
    """The function was called for a path or method that is none of its routes."""


class MethodNotAllowed(Refusal):
    """The path exists, but not for this method; `allowed` are the methods that it answers."""

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This path allows {allowed}.")
        self.allowed = allowed


class NotAuthenticated(Refusal):
    """Callers must be known here, and this one is not."""


class UnsupportedContent(Refusal):
    """The body is in a form that is not read here; `accepted` is the header that names the one that is."""

    def __init__(self, detail: str, accepted: Mapping[str, str]) -> None:
        super().__init__(detail)
        self.accepted = accepted


# Error class → status, and the problem type's name, in the order of the API's documentation.
_PROBLEMS: Mapping[type[Exception], tuple[HTTPStatus, str]] = {
    MalformedInput: (HTTPStatus.BAD_REQUEST, "malformed-input"),
    NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "not-authenticated"),
    InsufficientScope: (HTTPStatus.FORBIDDEN, "insufficient-scope"),
    Forbidden: (HTTPStatus.FORBIDDEN, "forbidden"),
    RouteNotFound: (HTTPStatus.NOT_FOUND, "no-such-route"),
    MethodNotAllowed: (HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"),
    TaskNotFound: (HTTPStatus.NOT_FOUND, "task-not-found"),
    Conflict: (HTTPStatus.CONFLICT, "conflict"),
    LostRace: (HTTPStatus.CONFLICT, "lost-race"),
    VersionMismatch: (HTTPStatus.PRECONDITION_FAILED, "version-mismatch"),
    InputTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "input-too-large"),
    UnsupportedContent: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-content"),
    InvalidInput: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input"),
    IdempotencyKeyReused: (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
    ServiceUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "service-unavailable"),
}
# As RFC 9110 has them; releases of Python before 3.13 have older names.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_UNEXPECTED = (HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error")

# The detail of a server-side failure: its reason goes to the log only.
_HIDDEN = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side; it has been recorded.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A service we depend on does not answer; try again shortly.",
}

# A client can misname any number of fields; naming the first few is enough to correct them.
_MAX_ERRORS = 20
MAX_POINTER = 120


class ProblemError(Model):
    """One thing wrong: `pointer` is a JSON pointer into the body (#/title), or query/…, header/…"""

    pointer: str
    detail: str


class Problem(Model):
    """The body of every error answer. `currentStatus` and `allowedStatuses` come with a 409."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    correlation_id: str
    errors: Annotated[tuple[ProblemError, ...] | None, Absent] = None
    current_status: Annotated[Status | None, Absent] = None
    allowed_statuses: Annotated[tuple[Status, ...] | None, Absent] = None


def problem(error: Exception, instance: str, correlation_id: str) -> Response:
    """The answer to a request that ended in `error`."""
    status, name = _PROBLEMS.get(type(error), _UNEXPECTED)
    body = Problem(
        type=f"urn:task-manager:problem:{name}",
        title=_TITLES.get(status, status.phrase),
        status=status.value,
        detail=_HIDDEN.get(status, str(error)),
        instance=instance,
        correlation_id=correlation_id,
        **_particulars(error),
    )
    return Response(status.value, CONTENT_TYPE, body.model_dump_json(by_alias=True), _headers(error, status))


def _headers(error: Exception, status: HTTPStatus) -> Mapping[str, str]:
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": "1"}
    # RFC 6750, section 3.
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    # RFC 9110, section 15.5.6.
    if isinstance(error, MethodNotAllowed):
        return {"Allow": error.allowed}
    if isinstance(error, UnsupportedContent):
        return error.accepted
    if isinstance(error, VersionMismatch):
        return {"ETag": f'"{error.current}"'}
    if isinstance(error, InsufficientScope):
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}


def _particulars(error: Exception) -> dict[str, Any]:
    if isinstance(error, MalformedInput | InvalidInput) and error.errors:
        errors = tuple(ProblemError(pointer=e.pointer, detail=e.detail) for e in error.errors)
        return {"errors": errors}
    if isinstance(error, Conflict):
        return {"current_status": error.current, "allowed_statuses": error.allowed}
    return {}


def from_validation(error: ValidationError, prefix: str) -> MalformedInput | InvalidInput:
    """What pydantic found, in our words; `prefix` is where the value stood: #, query …"""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    fields = [FieldError(_pointer(prefix, e["loc"]), e["msg"]) for e in found[:_MAX_ERRORS]]
    if any(e["type"] == "json_invalid" for e in found):
        return MalformedInput("The body is not JSON in UTF-8.", fields)
    return InvalidInput(fields)


def _pointer(prefix: str, location: tuple[int | str, ...]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return "/".join((prefix, *steps))[:MAX_POINTER]
