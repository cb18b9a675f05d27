"""Requests for which there is no route: 404, 405 where the path answers other methods, 204 for OPTIONS."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from services.api.operations import OPERATIONS
from services.api.pages import PAGES
from services.api.problems import MethodNotAllowed, RouteNotFound
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller


def no_route(request: Request, _services: Services, _caller: Caller) -> Response:
    """204 with the methods that the path answers, for OPTIONS. Raises MethodNotAllowed, RouteNotFound."""
    methods = _methods(request.target)
    if not methods:
        raise RouteNotFound("There is nothing at this path; GET /docs lists what there is.")
    allowed = ", ".join(methods)
    if request.method != "OPTIONS":
        raise MethodNotAllowed(allowed)
    # A preflight request comes here, too, where HTTP APIs add what pages of other origins may do.
    return Response(HTTPStatus.NO_CONTENT.value, None, "", {"Allow": allowed})


def _methods(target: str) -> list[str]:
    found = [method for method, path in _ROUTES if path.fullmatch(target)]
    return [*found, "OPTIONS"] if found else []


def _answered(route: str) -> Iterable[tuple[str, re.Pattern[str]]]:
    """The methods that a route answers: HEAD wherever GET (RFC 9110, section 9.1)."""
    method, path = route.split(" ")
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
    return [(answered, pattern) for answered in (("GET", "HEAD") if method == "GET" else (method,))]


_ROUTES = [answered for operation in (*OPERATIONS, *PAGES) for answered in _answered(operation.route)]
