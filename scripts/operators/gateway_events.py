"""The events that API Gateway makes of requests: format 2.0 for HTTP APIs, 1.0 for REST APIs."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

STAGE = "live"
"""The stage of a REST API."""


def gateway_event(
    request: httpx.Request,
    template: str,
    parameters: Mapping[str, str],
    api_type: str,
    claims: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event that a function receives for a request to a route such as `/tasks/{taskId}`.

    Without a template no route was found. `claims` are those of a token that the API has verified.
    """
    make = _http_api_event if api_type == "http" else _rest_api_event
    event = make(request, template, path_of(request, api_type), parameters)
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    return event


def path_of(request: httpx.Request, api_type: str) -> str:
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
