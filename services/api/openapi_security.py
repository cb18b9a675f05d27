"""What the OpenAPI document adds where the API requires tokens."""

from collections.abc import Mapping
from typing import Any

from services.core.callers import Scope

SCOPE = "x-scope"
"""The extension that names the scope which an operation requires."""

_SCHEME = "token"
_SCHEME_DESCRIPTION = (
    "A JWT of the issuer that this deployment trusts. Its subject is the userId that the caller acts for; "
    + ", ".join(f"`{scope}`" for scope in Scope)
    + " are its scopes, the last of which opens everybody's tasks instead of one's own."
)
_REFUSALS = {
    "401": "There is no valid token.",
    "403": "The token is good for something else: another scope, or another user.",
}
_CHALLENGE = "What is needed instead (RFC 6750)."
# What the gateway answers by itself, before any function is called.
_GATEWAY_REFUSAL = {
    "title": "GatewayRefusal",
    "description": "The gateway's own refusal.",
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}


def require_token(document: dict[str, Any], scopes: Mapping[str, Scope]) -> None:
    """Adds to the document that every operation requires a token; `scopes` are by operationId."""
    components = document["components"]
    components["securitySchemes"] = {
        _SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": _SCHEME_DESCRIPTION,
        }
    }
    components["schemas"]["GatewayRefusal"] = _GATEWAY_REFUSAL
    for operations in document["paths"].values():
        for operation in operations.values():
            scope = scopes[operation["operationId"]].value
            # Only OAuth schemes list scopes, whose addresses depend on the issuer of a deployment.
            operation["security"] = [{_SCHEME: []}]
            operation[SCOPE] = scope
            operation["description"] += f" Requires the scope `{scope}`."
            _add_refusals(operation["responses"])
    _describe_own(components["schemas"])


def _add_refusals(responses: dict[str, Any]) -> None:
    problem = next(found for status, found in responses.items() if status == "500")
    ours = {media: {"schema": content["schema"]} for media, content in problem["content"].items()}
    theirs = {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/GatewayRefusal"},
            "example": {"message": "Unauthorized"},
        }
    }
    headers = {"WWW-Authenticate": {"description": _CHALLENGE, "schema": {"type": "string"}}}
    for status, description in _REFUSALS.items():
        responses[status] = {"description": description, "headers": headers, "content": ours | theirs}


def _describe_own(schemas: dict[str, Any]) -> None:
    """Describe the fields that default to the caller."""
    owner = schemas["NewTask"]["properties"]["userId"]
    owner["description"] = f"The caller, when left out; anyone else needs {Scope.ADMIN}."
    approver = schemas["ApprovalRequest"]["properties"]["approver"]
    del approver["default"]
    approver["description"] = "The caller, always: anyone else is refused."
