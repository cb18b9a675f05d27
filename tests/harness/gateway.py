"""API Gateway in-process: an httpx transport that calls the endpoints with events of either format."""

import base64
import re
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from services.api.entry_point import Handler, entry_point
from services.api.no_route import no_route
from services.composition import Services
from tests.harness.function_map import by_trigger, with_head

STAGE = "live"
"""The stage of the REST API, which is not part of the client's URL here."""

ENDPOINTS: tuple[ModuleType, ...] = tuple(
    import_module(function["handler"].rpartition(".")[0]) for function in by_trigger("http").values()
)


class InProcessGateway(httpx.BaseTransport):
    """Routes as API Gateway does, and passes the same events."""

    def __init__(self, services: Services, *, api_type: str, claims: Mapping[str, str] | None = None) -> None:
        self._api_type = api_type
        self._event = _http_api_event if api_type == "http" else _rest_api_event
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
        path = _path_of(request, self._api_type)
        for method, template, pattern, handler in self._handlers:
            if method == request.method and (match := pattern.fullmatch(path)):
                event = self._event(request, template, path, match.groupdict())
                if self._claims is not None:
                    event["requestContext"]["authorizer"] = {"jwt": {"claims": self._claims, "scopes": None}}
                return _response(request, handler(event, None))
        return _response(request, self._otherwise(self._event(request, "", path, {}), None))


def gateway_client(
    services: Services, api_type: str = "http", *, claims: Mapping[str, str] | None = None
) -> httpx.Client:
    """An HTTP client whose far end is this process; `claims` are those of a token that was verified."""
    gateway = InProcessGateway(services, api_type=api_type, claims=claims)
    return httpx.Client(base_url="http://tasks.test", transport=gateway)


def event_of(
    request: httpx.Request, template: str, parameters: Mapping[str, str], api_type: str
) -> dict[str, Any]:
    """The event that a function receives for a request to a route such as `/tasks/{taskId}`."""
    path = _path_of(request, api_type)
    return (_http_api_event if api_type == "http" else _rest_api_event)(request, template, path, parameters)


def _path_of(request: httpx.Request, api_type: str) -> str:
    """The path that routes are matched with: HTTP APIs decode it, and cut it at a question mark in it."""
    path = request.url.raw_path.decode().split("?")[0]
    return unquote(path).split("?")[0] if api_type == "http" else path


def _http_api_event(
    request: httpx.Request, template: str, path: str, parameters: Mapping[str, str]
) -> dict[str, Any]:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    # "Duplicate headers are combined with commas", and so are query parameters.
    headers, query = _lines(request), _query(request)
    return _common(request, parameters) | {
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()} or None,
        "version": "2.0",
        "routeKey": f"{request.method} {template}" if template else "$default",
        "rawPath": path,
        "rawQueryString": request.url.query.decode(),
        "requestContext": {"http": {"method": request.method, "path": path}, "stage": "$default"},
    }


def _rest_api_event(
    request: httpx.Request, template: str, path: str, parameters: Mapping[str, str]
) -> dict[str, Any]:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    headers, query = _lines(request), _query(request)
    return _common(request, parameters) | {
        "resource": template or "/{proxy+}",
        "path": path,
        "httpMethod": request.method,
        "headers": {name.title(): values[-1] for name, values in headers.items()},
        "multiValueHeaders": {name.title(): values for name, values in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {"httpMethod": request.method, "path": f"/{STAGE}{path}", "stage": STAGE},
    }


def _lines(request: httpx.Request) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for name, value in request.headers.multi_items():
        lines.setdefault(name, []).append(value)
    return lines


def _query(request: httpx.Request) -> dict[str, list[str]]:
    return parse_qs(request.url.query.decode(), keep_blank_values=True)


def _common(request: httpx.Request, parameters: Mapping[str, str]) -> dict[str, Any]:
    body = request.read()
    as_text = request.headers.get("content-type", "").startswith("application/json") and _is_utf8(body)
    return {
        "pathParameters": dict(parameters) or None,
        "body": (body.decode() if as_text else base64.b64encode(body).decode()) if body else None,
        "isBase64Encoded": bool(body) and not as_text,
    }


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _response(request: httpx.Request, answer: Mapping[str, Any]) -> httpx.Response:
    headers = [*(answer.get("headers") or {}).items()]
    headers += [(k, v) for k, values in (answer.get("multiValueHeaders") or {}).items() for v in values]
    content = (answer["body"] or "").encode()
    if request.method == "HEAD":  # an HTTP server leaves the content out
        headers.append(("Content-Length", str(len(content))))
        content = b""
    return httpx.Response(answer["statusCode"], headers=headers, content=content)
