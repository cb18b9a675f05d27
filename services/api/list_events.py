"""GET /events."""

from typing import Annotated

from pydantic import Field

from services.api.answers import read_answer
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import BODY_ETAG, IF_NOT_READ, IF_READ
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.feed import ShownEntry
from services.core.listing import MAX_LIMIT
from services.core.task import Model, UserId

_DEFAULT_LIMIT = 50


class EventsQuery(Model):
    """The query of GET /events."""

    user_id: UserId | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = _DEFAULT_LIMIT


class EventList(Model):
    """The newest events, those that occurred last first."""

    events: tuple[ShownEntry, ...]
    count: int


OPERATION = Operation(
    route="GET /events",
    scope=Scope.READ,
    name="listEvents",
    tag="Events",
    summary="See what happened lately, with latencies",
    description="The latency of an event is the time from the write to the end of the pipeline.",
    query=EventsQuery,
    query_parameters={
        "userId": "Only events of this user's tasks.",
        "limit": "How many events there are at most.",
    },
    parameters=[IF_READ, IF_NOT_READ],
    answers={
        200: Answer("The newest events of the last hour.", EventList, [BODY_ETAG]),
        304: Answer("Nothing new has happened.", None, [BODY_ETAG]),
    },
    problems=[400, 412, 422],
)


def list_events(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the newest events; 304 if the caller has just these."""
    query = request.query(EventsQuery)
    events = use_cases.list_events(services.feed, query.user_id, query.limit, caller=caller)
    answer = EventList(events=events, count=len(events))
    return read_answer(request, answer.model_dump_json(by_alias=True))


ENDPOINTS = {OPERATION: list_events}
handler = entry_point(ENDPOINTS, uses=("feed",))
