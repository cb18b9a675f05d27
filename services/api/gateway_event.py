"""What API Gateway hands to a function, read with distrust: what has another form than its own is absent.

The two formats differ in what they decode and in how they show what was sent more than once. HTTP APIs (2.0)
give path and path parameters decoded, and values of one name joined by commas, in headers and query alike.
REST APIs (1.0) give path and path parameters as they were sent, and the last value of a name, beside lists of
all. What comes out here means the same for both.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

# What endpoints read of the events of HTTP APIs (2.0) and of REST APIs (1.0).
_TEXTS_2 = ("version", "routeKey", "rawPath", "rawQueryString", "body")
_TEXTS_1 = ("version", "httpMethod", "resource", "path", "body")
_MAPPINGS = ("headers", "pathParameters", "queryStringParameters")


class Texts(dict[str, str]):
    """Texts by name; one that is absent is empty."""

    def __missing__(self, name: str) -> str:
        """Nothing was given."""
        return ""


def gateway_event(given: object) -> dict[str, Any]:
    """The event, in which all that an endpoint reads has the form that it relies on.

    `method`, `target` (the path without the stage) and `called` (with it) are what the client called.
    """
    event = _mapping(given)
    context = _mapping(event.get("requestContext"))
    is_http_api = event.get("version") == "2.0"
    read: dict[str, Any] = {
        # Not by `_text`: this is done for each call.
        name: value if isinstance(value := event.get(name), str) else ""
        for name in (_TEXTS_2 if is_http_api else _TEXTS_1)
    }
    for name in _MAPPINGS:
        read[name] = _texts(event.get(name))
    if is_http_api:
        stage = _text(context.get("stage"))
        read["method"] = _text(_mapping(context.get("http")).get("method"))
        read["called"] = read["rawPath"]
        read["target"] = read["rawPath"].removeprefix("" if stage == "$default" else f"/{stage}")
    else:
        read["method"], read["target"] = read["httpMethod"], read["path"]
        read["called"] = _text(context.get("path")) or read["path"]
        read |= _as_http_api(event, read)
    read["isBase64Encoded"] = event.get("isBase64Encoded") is True
    claims = _mapping(_mapping(_mapping(context.get("authorizer")).get("jwt")).get("claims"))
    read["requestContext"] = {"authorizer": {"jwt": {"claims": claims}}}
    return read


def query_parameters(event: dict[str, Any]) -> Collection[tuple[str, str]]:
    """Name and value of each query parameter, in the order of the request; `+` is a space.

    `event` is what `gateway_event` gives.
    """
    if event["version"] != "2.0":
        pairs: list[tuple[str, str]] = event["query"]
        return pairs
    joined: Texts = event["queryStringParameters"]
    # A comma may be one that was sent, or one that joins two values: only the query itself tells.
    if "+" in event["rawQueryString"] or "," in "".join(joined.values()):
        return parse_qsl(event["rawQueryString"], keep_blank_values=True)
    return joined.items()


def uri_path(event: dict[str, Any]) -> str:
    """The path that the client called, stage included, as it stands in a URI (RFC 3986, section 3.3)."""
    path = quote(event["called"], safe="/!$&'()*+,;=:@~%", errors="replace")
    # In a decoded path a percent sign may be one: it is, where no escape begins.
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path)


def _as_http_api(event: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """What a REST API gives in another form than an HTTP API."""
    headers: dict[str, list[str]] = {name.lower(): [value] for name, value in read["headers"].items()}
    lines: dict[str, list[str]] = {}
    for name, value in _each(event.get("multiValueHeaders")):
        lines.setdefault(name.lower(), []).append(value)
    query = list(_each(event.get("multiValueQueryStringParameters")))
    path = {name: unquote(value) for name, value in read["pathParameters"].items()}
    return {
        # RFC 9110, section 5.3: lines of the same name are one list.
        "headers": Texts({name: ",".join(values) for name, values in (headers | lines).items()}),
        "query": query or list(read["queryStringParameters"].items()),
        "pathParameters": Texts(path),
    }


def _each(given: object) -> Iterable[tuple[str, str]]:
    """Name and value of each value in lists by name."""
    for name, values in _mapping(given).items():
        for value in values if isinstance(values, list) else ():
            if isinstance(value, str):
                yield name, value


def _mapping(given: object) -> dict[str, Any]:
    # A dict, where any Mapping would do: it came as JSON, and the test is made for each call.
    return given if isinstance(given, dict) else {}


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""


def _texts(given: object) -> Texts:
    return Texts({name: value for name, value in _mapping(given).items() if isinstance(value, str)})
