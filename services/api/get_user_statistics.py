"""GET /users/{userId}/stats and GET /users/stats?userId=…, which takes every userId.

HTTP APIs decode a path before they look for its route: a userId with a slash finds none, one with a question
mark is cut off there, and a percent sign may arrive encoded or not.
"""

from pydantic import TypeAdapter, ValidationError

from services.api.answers import read_answer
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import BODY_ETAG, IF_NOT_READ, IF_READ, USER_ID
from services.api.problems import from_validation
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.statistics import UserStatistics
from services.core.task import Model, UserId

_USER_ID: TypeAdapter[str] = TypeAdapter(UserId)


class StatisticsQuery(Model):
    """The query of GET /users/stats."""

    user_id: UserId


_TOTALS = {
    200: Answer("The totals; zeros for an unknown user.", UserStatistics, [BODY_ETAG]),
    304: Answer("The totals have not changed.", None, [BODY_ETAG]),
}

OPERATION = Operation(
    route="GET /users/{userId}/stats",
    scope=Scope.READ,
    name="getUserStatistics",
    tag="Statistics",
    summary="Read a user's totals",
    description="Totals count what has happened: a task that was deleted stays counted.",
    parameters=[USER_ID, IF_READ, IF_NOT_READ],
    answers=_TOTALS,
    problems=[400, 412, 422],
)
BY_QUERY = Operation(
    route="GET /users/stats",
    scope=Scope.READ,
    name="findUserStatistics",
    tag="Statistics",
    summary="Read a user's totals, whatever characters the userId has",
    description="The same totals, for a userId that not every front door takes in a path.",
    parameters=[IF_READ, IF_NOT_READ],
    query=StatisticsQuery,
    query_parameters={"userId": "Whose totals."},
    answers=_TOTALS,
    problems=[400, 412, 422],
)


def get_user_statistics(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the totals of the user in the path: zeros for one who is not known; 304 if unchanged."""
    try:
        user_id = _USER_ID.validate_python(request.path_parameters["userId"])
    except ValidationError as error:
        raise from_validation(error, "path/userId") from error
    return _answer(request, user_id, caller, services)


def find_user_statistics(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the totals of the user in the query."""
    return _answer(request, request.query(StatisticsQuery).user_id, caller, services)


def _answer(request: Request, user_id: str, caller: Caller, services: Services) -> Response:
    statistics = use_cases.get_statistics(services.statistics, user_id, caller=caller)
    return read_answer(request, statistics.model_dump_json(by_alias=True))


ENDPOINTS = {OPERATION: get_user_statistics, BY_QUERY: find_user_statistics}
handler = entry_point(ENDPOINTS, uses=("statistics",))
