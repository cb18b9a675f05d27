"""What API Gateway hands to a function, read with distrust: what has another form than its own is absent."""

from collections.abc import Mapping
from typing import Any

# Those of HTTP APIs (2.0) and of REST APIs (1.0).
_TEXTS = ("version", "routeKey", "rawPath", "httpMethod", "resource", "path", "body")
_MAPPINGS = ("headers", "pathParameters", "queryStringParameters")


class Texts(dict[str, str]):
    """Texts by name; one that is absent is empty."""

    def __missing__(self, name: str) -> str:
        """Nothing was given."""
        return ""


def gateway_event(given: object) -> dict[str, Any]:
    """The event, in which all that an endpoint reads has the form that it relies on.

    `method` and `target` (the path without the stage) are what the client called, in either format.
    """
    event = _mapping(given)
    context = _mapping(event.get("requestContext"))
    claims = _mapping(_mapping(_mapping(context.get("authorizer")).get("jwt")).get("claims"))
    return {
        **_texts({name: event.get(name) for name in _TEXTS}),
        **{name: _texts(event.get(name)) for name in _MAPPINGS},
        **_called(_texts(event), _texts(context), _texts(context.get("http"))),
        "isBase64Encoded": event.get("isBase64Encoded") is True,
        "requestContext": {"authorizer": {"jwt": {"claims": claims}}},
    }


def _called(event: Texts, context: Texts, http: Texts) -> dict[str, str]:
    if event["version"] != "2.0":
        return {"method": event["httpMethod"], "target": event["path"]}
    stage = context["stage"]
    return {
        "method": http["method"],
        "target": event["rawPath"].removeprefix("" if stage == "$default" else f"/{stage}"),
    }


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _texts(given: object) -> Texts:
    return Texts({name: value for name, value in _mapping(given).items() if isinstance(value, str)})
