"""What an endpoint promises: its route, the scope that it requires, what it takes, and what it answers.

Data only. The OpenAPI document is rendered from it (openapi.py); the entry point enforces the scope.
Parameters and headers that several operations have are in parameters.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from services.core.callers import Scope


@dataclass(frozen=True)
class Parameter:
    """A parameter in a path or a header."""

    name: str
    place: Literal["path", "header"]
    schema: Mapping[str, Any]
    description: str = ""


@dataclass(frozen=True)
class Header:
    """A header of an answer."""

    name: str
    description: str
    schema: Mapping[str, Any]


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
    tag: str = ""
    """The heading that it stands under in the document; openapi.py describes them."""
    summary: str = ""
    description: str = ""
    parameters: Sequence[Parameter] = ()
    query: type[BaseModel] | None = None
    query_parameters: Mapping[str, str] | None = None
    """What each parameter of the query does."""
    body: type[BaseModel] | None = None
    answers: Mapping[int, Answer] | None = None
    problems: Sequence[int] = ()
