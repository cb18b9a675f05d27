"""What API Gateway hands to a function, read with distrust: what has another form than its own is absent."""

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
    read: dict[str, Any] = {name: _text(event.get(name)) for name in _TEXTS}
    for name in _MAPPINGS:
        read[name] = _texts(event.get(name))
    if read["version"] == "2.0":
        stage = _text(context.get("stage"))
        read["method"] = _text(_mapping(context.get("http")).get("method"))
        read["target"] = read["rawPath"].removeprefix("" if stage == "$default" else f"/{stage}")
    else:
        read["method"], read["target"] = read["httpMethod"], read["path"]
    read["isBase64Encoded"] = event.get("isBase64Encoded") is True
    claims = _mapping(_mapping(_mapping(context.get("authorizer")).get("jwt")).get("claims"))
    read["requestContext"] = {"authorizer": {"jwt": {"claims": claims}}}
    return read


def _mapping(given: object) -> dict[str, Any]:
    # A dict, where any Mapping would do: it came as JSON, and the test is made for each call.
    return given if isinstance(given, dict) else {}


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""


def _texts(given: object) -> Texts:
    return Texts({name: value for name, value in _mapping(given).items() if isinstance(value, str)})
