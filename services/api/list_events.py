"""GET /events."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from services.api.answers import JSON
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import EVENTS_ETAG, IF_NO_EVENT_MATCHES
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.feed import FeedEntry
from services.core.listing import MAX_LIMIT
from services.core.task import Model, UserId

_DEFAULT_LIMIT = 50


class EventsQuery(Model):
    """The query of GET /events."""

    user_id: UserId | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = _DEFAULT_LIMIT


class EventList(Model):
    """The newest events, those that occurred last first."""

    events: tuple[FeedEntry, ...]
    count: int


OPERATION = Operation(
    route="GET /events",
    scope=Scope.READ,
    name="listEvents",
    summary="See what happened lately, with latencies",
    query=EventsQuery,
    parameters=[IF_NO_EVENT_MATCHES],
    answers={
        200: Answer("The newest events of the last hour.", EventList, [EVENTS_ETAG]),
        304: Answer("Nothing new has happened.", None, [EVENTS_ETAG]),
    },
    problems=[400, 422],
)


def list_events(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the newest events; 304 if the caller has just these."""
    query = request.query(EventsQuery)
    events = use_cases.list_events(services.feed, query.user_id, query.limit, caller=caller)
    # An event is recorded once and never changes: so equal ids mean that nothing is new.
    tag = hashlib.sha256("".join(event.event_id for event in events).encode()).hexdigest()[:16]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if request.has(tag):
        return Response(HTTPStatus.NOT_MODIFIED.value, None, "", headers)
    answer = EventList(events=events, count=len(events))
    return Response(HTTPStatus.OK.value, JSON, answer.model_dump_json(by_alias=True), headers)


ENDPOINTS = {OPERATION: list_events}
handler = entry_point(ENDPOINTS, uses=("feed",))
