"""What an endpoint promises: its route, the scope that it requires, what it takes, and what it answers.

Data only. The OpenAPI document is rendered from it (openapi.py); the entry point enforces the scope.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from services.core.callers import Scope


class Parameter(StrEnum):
    """A parameter in a path or a header, described in openapi.py."""

    TASK_ID = "taskId"
    USER_ID = "userId"
    IDEMPOTENCY_KEY = "Idempotency-Key"
    IF_MATCH = "If-Match"
    IF_NONE_MATCH = "If-None-Match"
    IF_NONE_MATCH_EVENTS = "If-None-Match, of events"


class Header(StrEnum):
    """A header of an answer, described in openapi.py."""

    ETAG = "ETag"
    ETAG_OF_EVENTS = "ETag, of events"
    LOCATION = "Location"
    IDEMPOTENCY_REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True)
class Answer:
    """What a status means, and what comes with it."""

    description: str
    model: type[BaseModel] | None = None
    headers: Sequence[Header] = ()


@dataclass(frozen=True, eq=False)
class Operation:
    """One route. `problems` are the error statuses besides 500 and 503.

    Without a scope it is public, and not in the OpenAPI document: it serves pages, or the document itself.
    """

    route: str
    """As in services/functions.json, such as `GET /tasks/{taskId}`."""
    scope: Scope | None
    """None is public. Without a default, so that no operation is public by omission."""
    name: str = ""
    summary: str = ""
    description: str = ""
    parameters: Sequence[Parameter] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answers: Mapping[int, Answer] | None = None
    problems: Sequence[int] = ()
