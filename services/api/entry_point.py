"""From endpoint functions to a Lambda handler: one boundary for errors and logs.

API Gateway has found the route already, and calls a function for the one or two that it answers: a router
would have nothing left to do, and the import of Powertools' is a sixth of a cold start.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.adapters.telemetry import logger
from services.api.caller import caller_of
from services.api.cross_origin import cross_origin_headers
from services.api.operation import Operation
from services.api.problems import Refusal, RouteNotFound, problem
from services.api.request import Request
from services.api.response import Response
from services.composition import Compose, Services, Use, start
from services.core.callers import Caller
from services.core.errors import DomainError
from services.core.ids import is_task_id

Event = Mapping[str, Any]
Endpoint = Callable[[Request, Services, Caller], Response]
Endpoints = Mapping[Operation, Endpoint]
"""What each operation is answered by."""

# Answers depend on the caller, and change at any time: no other cache than the caller's may keep them, and it
# has to ask each time (RFC 9111, section 5.2.2). Either kind of gateway adds headers by the request's Origin.
_UNLESS_SAID = {"Cache-Control": "private, no-cache", "Vary": "Origin"}

Handler = Callable[[Event, object], dict[str, Any]]


def no_endpoint(_request: Request, _services: Services, _caller: Caller) -> Response:
    """For functions that get their own routes only. Raises RouteNotFound."""
    raise RouteNotFound("There is nothing at this path and method; GET /docs lists what there is.")


def entry_point(
    endpoints: Endpoints,
    compose: Compose = start,
    *,
    uses: Iterable[Use] = (),
    otherwise: Endpoint = no_endpoint,
) -> Handler:
    """The Lambda handler of endpoints, for events of HTTP APIs (2.0) and REST APIs (1.0) alike.

    Each is called only for callers whose token has the scope that its operation requires.
    """
    services = compose(next(iter(endpoints.values()), otherwise), uses)
    routes = {operation.route: (operation.scope, endpoint) for operation, endpoint in endpoints.items()}

    def handler(event: Event, context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda hands it over
        started = time.perf_counter()
        request = Request.from_gateway(event)
        logger.set_correlation_id(request.correlation_id)
        try:
            scope, endpoint = routes.get(_route(request), (None, otherwise))
            response = endpoint(request, services, caller_of(request, services, scope))
        except Exception as error:
            _record(error)
            response = problem(error, request.instance, request.correlation_id)
        duration = round((time.perf_counter() - started) * 1000, 1)
        about = _subject(request, response)
        logger.info(request.route, status=response.status_code, duration_ms=duration, **about)
        return _answer(request, response, services)

    return handler


def _route(request: Request) -> str:
    """A HEAD is answered as the GET is, and the gateway leaves out the content (RFC 9110, section 9.3.2)."""
    return f"GET {request.route[5:]}" if request.route.startswith("HEAD ") else request.route


def _answer(request: Request, response: Response, services: Services) -> dict[str, Any]:
    """An answer in the form that either kind of gateway takes."""
    headers = {**_UNLESS_SAID, **response.headers, "x-correlation-id": request.correlation_id}
    if response.content_type is not None:
        headers["Content-Type"] = response.content_type
    if not request.is_http_api:
        headers |= cross_origin_headers(request.headers.get("origin"), services.allowed_origins)
    return {
        "statusCode": response.status_code,
        "headers": headers,
        "body": response.body,
        "isBase64Encoded": False,
    }


def _subject(request: Request, response: Response) -> dict[str, Any]:
    """What the request was about, to find its lines by: the ids in the path, and that of what it created.

    `{"task_id": …}` of `taskId`, and of a Location that leads to `/tasks/…`.
    """
    path = request.path_parameters
    named = {
        f"{name[:-2]}_id": given for name, given in path.items() if name.endswith("Id") and name != "userId"
    }
    if location := response.headers.get("Location"):
        # It is relative to the URL of the request.
        *_, collection, created = f"{request.target.rpartition('/')[0]}/{location}".split("/")
        named[f"{collection.removesuffix('s')}_id"] = created
    return {name: given for name, given in named.items() if is_task_id(given)}


def _record(error: Exception) -> None:
    """The caller's mistakes are counted by status; ours come with their trace."""
    if isinstance(error, DomainError | Refusal):
        logger.debug("refused", reason=type(error).__name__)
    else:
        logger.exception("failed")
