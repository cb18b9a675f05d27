"""API Gateway in-process: an httpx transport that calls the endpoints with events of either format."""

import re
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import httpx

from scripts.operators.gateway_events import gateway_event, path_of
from services.api.entry_point import Handler, entry_point
from services.api.no_route import no_route
from services.composition import Services
from tests.harness.function_map import by_trigger, with_head

ENDPOINTS: tuple[ModuleType, ...] = tuple(
    import_module(function["handler"].rpartition(".")[0]) for function in by_trigger("http").values()
)


class InProcessGateway(httpx.BaseTransport):
    """Routes as API Gateway does, and passes the same events."""

    def __init__(self, services: Services, *, api_type: str, claims: Mapping[str, str] | None = None) -> None:
        self._api_type = api_type
        self._claims = claims
        self._handlers: list[tuple[str, str, re.Pattern[str], Handler]] = []
        self._otherwise = entry_point({}, lambda *_: services, otherwise=no_route)
        for module in ENDPOINTS:
            handler = entry_point(module.ENDPOINTS, lambda *_: services)
            for route in with_head(operation.route for operation in module.ENDPOINTS):
                method, path = route.split(" ")
                self._handlers.append(
                    (method, path, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), handler)
                )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = path_of(request, self._api_type)
        for method, template, pattern, handler in self._handlers:
            if method == request.method and (match := pattern.fullmatch(path)):
                event = gateway_event(request, template, match.groupdict(), self._api_type, self._claims)
                return _response(request, handler(event, None))
        return _response(request, self._otherwise(gateway_event(request, "", {}, self._api_type), None))


def gateway_client(
    services: Services, api_type: str = "http", *, claims: Mapping[str, str] | None = None
) -> httpx.Client:
    """An HTTP client whose far end is this process; `claims` are those of a token that was verified."""
    gateway = InProcessGateway(services, api_type=api_type, claims=claims)
    return httpx.Client(base_url="http://tasks.test", transport=gateway)


def _response(request: httpx.Request, answer: Mapping[str, Any]) -> httpx.Response:
    headers = [*(answer.get("headers") or {}).items()]
    headers += [(k, v) for k, values in (answer.get("multiValueHeaders") or {}).items() for v in values]
    content = (answer["body"] or "").encode()
    if request.method == "HEAD":  # an HTTP server leaves the content out
        headers.append(("Content-Length", str(len(content))))
        content = b""
    return httpx.Response(answer["statusCode"], headers=headers, content=content)
