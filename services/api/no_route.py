"""What no route is for: 404, or 405 where the path answers other methods."""

import re
from collections.abc import Iterable

from services.api.operations import OPERATIONS
from services.api.problems import MethodNotAllowed, RouteNotFound
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller


def no_route(request: Request, _services: Services, _caller: Caller) -> Response:
    """Raises MethodNotAllowed if the path answers other methods, else RouteNotFound."""
    allowed = ", ".join(_methods(request.target))
    if not allowed:
        raise RouteNotFound("There is nothing at this path; GET /docs lists what there is.")
    raise MethodNotAllowed(allowed)


def _methods(target: str) -> Iterable[str]:
    return [method for method, path in _ROUTES if path.fullmatch(target)]


_ROUTES = [
    (method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)))
    for method, path in (operation.route.split(" ") for operation in OPERATIONS)
]
