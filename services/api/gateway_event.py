"""Reading API Gateway's events defensively: a value of an unexpected form counts as absent.

The two formats differ in what they decode and in how they show what was sent more than once. HTTP APIs (2.0)
give path and path parameters decoded, and values of one name joined by commas, in headers and query alike.
REST APIs (1.0) give path and path parameters as they were sent, and the last value of a name, beside lists of
all. What comes out here means the same for both.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote


class Texts(dict[str, str]):
    """Texts by name; one that is absent is empty."""

    def __missing__(self, name: str) -> str:
        """Nothing was given."""
        return ""


@dataclass(slots=True)
class GatewayRequest:
    """A request as API Gateway handed it over, read once."""

    is_http_api: bool
    method: str
    route: str
    """The route that the gateway found, as in services/functions.json."""
    target: str
    """The path that the client called, without the stage."""
    called: str
    """The same with the stage."""
    headers: Mapping[str, str]
    """By names in lower case."""
    path_parameters: Mapping[str, str]
    raw_query: str
    """The query as it was sent; empty for REST APIs, which do not show it."""
    query_pairs: Collection[tuple[str, str]]
    """Name and value of each query parameter; of HTTP APIs, values of one name joined by commas."""
    raw_body: str
    is_base64: bool
    claims: Mapping[str, Any]
    """Of the token, as the gateway's authorizer verified them: nothing here is the caller's own word."""

    @classmethod
    def from_gateway(cls, given: object) -> Self:
        """The request of an event of an HTTP API (2.0) or of a REST API (1.0)."""
        event = _mapping(given)
        context = _mapping(event.get("requestContext"))
        if event.get("version") == "2.0":
            return cls._from_http_api(event, context)
        return cls._from_rest_api(event, context)

    @classmethod
    def _from_http_api(cls, event: dict[str, Any], context: dict[str, Any]) -> Self:
        path = _text(event.get("rawPath"))
        stage = context.get("stage")
        return cls(
            True,
            _text(_mapping(context.get("http")).get("method")),
            _text(event.get("routeKey")),
            path if stage == "$default" else path.removeprefix(f"/{_text(stage)}"),
            path,
            _lower_case(_mapping(event.get("headers"))),
            _texts(event.get("pathParameters")),
            _text(event.get("rawQueryString")),
            _texts(event.get("queryStringParameters")).items(),
            _text(event.get("body")),
            event.get("isBase64Encoded") is True,
            _claims(context),
        )

    @classmethod
    def _from_rest_api(cls, event: dict[str, Any], context: dict[str, Any]) -> Self:
        path = _text(event.get("path"))
        query = list(_each(event.get("multiValueQueryStringParameters")))
        parameters = _texts(event.get("pathParameters"))
        method = _text(event.get("httpMethod"))
        return cls(
            False,
            method,
            f"{method} {_text(event.get('resource'))}",
            path,
            _text(context.get("path")) or path,
            _joined_lines(event),
            Texts({name: unquote(value) for name, value in parameters.items()}),
            "",
            query or list(_texts(event.get("queryStringParameters")).items()),
            _text(event.get("body")),
            event.get("isBase64Encoded") is True,
            _claims(context),
        )

    def parameters(self) -> Collection[tuple[str, str]]:
        """Name and value of each query parameter, in the order of the request; `+` is a space."""
        # A comma was sent, or joins two values: only the raw query shows which.
        if self.raw_query and ("+" in self.raw_query or any("," in value for _, value in self.query_pairs)):
            return parse_qsl(self.raw_query, keep_blank_values=True)
        return self.query_pairs

    @property
    def instance(self) -> str:
        """The path that the client called, stage included, as it stands in a URI (RFC 3986, section 3.3).

        RFC 9457, section 3.1.5, has problems name it so.
        """
        path = quote(self.called, safe="/!$&'()*+,;=:@~%", errors="replace")
        # In a decoded path a percent sign may be one: it is, where no escape begins.
        return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path)


def _joined_lines(event: dict[str, Any]) -> Texts:
    """Headers of a REST API: lines of the same name are one list (RFC 9110, section 5.3)."""
    lines: dict[str, list[str]] = {}
    for name, value in _each(event.get("multiValueHeaders")):
        lines.setdefault(name.lower(), []).append(value)
    last = _lower_case(_mapping(event.get("headers")))
    return Texts(last | {name: ",".join(values) for name, values in lines.items()})


def _claims(context: dict[str, Any]) -> dict[str, Any]:
    authorizer = context.get("authorizer")
    return _mapping(_mapping(_mapping(authorizer).get("jwt")).get("claims")) if authorizer else {}


def _each(given: object) -> Iterable[tuple[str, str]]:
    """Name and value of each value in lists by name."""
    for name, values in _mapping(given).items():
        for value in values if isinstance(values, list) else ():
            if isinstance(value, str):
                yield name, value


def _mapping(given: object) -> dict[str, Any]:
    # Tests for dict, not Mapping: it came as JSON, and the test for dict is faster on every call.
    return given if isinstance(given, dict) else {}


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""


def _texts(given: object) -> Texts:
    return Texts({name: value for name, value in _mapping(given).items() if isinstance(value, str)})


def _lower_case(headers: dict[str, Any]) -> Texts:
    # HTTP APIs give header names in lower case, REST APIs as the client sent them.
    return Texts({name.lower(): value for name, value in headers.items() if isinstance(value, str)})
