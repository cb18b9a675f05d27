"""From endpoint functions to a Lambda handler: routing by Powertools, one boundary for errors and logs."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver,
    ApiGatewayResolver,
    APIGatewayRestResolver,
    Response,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from services.adapters.telemetry import logger
from services.api.cross_origin import cross_origin
from services.api.problems import RouteNotFound, problem
from services.api.request import Request
from services.composition import AwsServices, Services
from services.core.errors import DomainError

Endpoint = Callable[[Request, Services], Response[str]]
Routes = Mapping[str, Endpoint]
"""Route, as in functions.json ("GET /tasks/{taskId}") → the function that answers it."""

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def entry_point(routes: Routes, compose: Callable[[], Services] = AwsServices) -> Handler:
    """The Lambda handler of an endpoint, for events of HTTP APIs (2.0) and REST APIs (1.0) alike."""
    services = compose()
    resolvers: dict[bool, ApiGatewayResolver] = {}

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        is_http_api = event.get("version") == "2.0"
        if is_http_api not in resolvers:
            resolvers[is_http_api] = _resolver(routes, services, is_http_api=is_http_api)
        return resolvers[is_http_api].resolve(event, context)

    return handler


def _resolver(routes: Routes, services: Services, *, is_http_api: bool) -> ApiGatewayResolver:
    resolver = APIGatewayHttpResolver() if is_http_api else APIGatewayRestResolver(cors=cross_origin())
    for route, endpoint in routes.items():
        method, path = route.split(" ")
        rule = path.replace("{", "<").replace("}", ">")
        resolver.route(rule, method)(_bounded(resolver, route, endpoint, services))
    resolver.not_found(_bounded(resolver, "no route", _no_route, services))
    return resolver


def _no_route(_request: Request, _services: Services) -> Response[str]:
    raise RouteNotFound("There is nothing at this path and method; GET /docs lists what there is.")


def _bounded(
    resolver: ApiGatewayResolver, route: str, endpoint: Endpoint, services: Services
) -> Callable[..., Response[str]]:
    """`endpoint` as Powertools calls it, inside the boundary where every error becomes an answer."""

    def answer(*_: Exception, **path: str) -> Response[str]:
        started = time.perf_counter()
        event = resolver.current_event
        request = Request(event.raw_event, path)
        logger.set_correlation_id(request.correlation_id)
        try:
            response = endpoint(request, services)
        except Exception as error:
            _record(error)
            response = problem(error, event.path, request.correlation_id)
        response.headers["x-correlation-id"] = request.correlation_id
        duration = round((time.perf_counter() - started) * 1000, 1)
        logger.info(route, status=response.status_code, duration_ms=duration, **_task(response.headers, path))
        return response

    return answer


def _task(headers: Mapping[str, Any], path: Mapping[str, str]) -> dict[str, Any]:
    """The task that the request was about, to find its lines by."""
    task_id = path.get("taskId") or str(headers.get("Location", "")).removeprefix("/tasks/")
    return {"task_id": task_id} if task_id else {}


def _record(error: Exception) -> None:
    """The caller's mistakes are counted by status; ours come with their trace."""
    if isinstance(error, DomainError | RouteNotFound):
        logger.debug("refused", reason=type(error).__name__)
    else:
        logger.exception("failed")
