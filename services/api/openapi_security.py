"""What the OpenAPI document adds where the API requires tokens."""

from collections.abc import Mapping
from typing import Any

from services.core.callers import Scope

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
            # In OpenAPI 3.1 every kind of scheme may list scopes, not only OAuth.
            operation["security"] = [{_SCHEME: [scopes[operation["operationId"]].value]}]
            _add_refusals(operation["responses"])
    _describe_own(components["schemas"])


def _add_refusals(responses: dict[str, Any]) -> None:
    problem = next(found for status, found in responses.items() if status == "500")
    ours = problem["content"]
    theirs = {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayRefusal"}}}
    for status, description in _REFUSALS.items():
        responses[status] = {"description": description, "content": ours | theirs}


def _describe_own(schemas: dict[str, Any]) -> None:
    """Describe the fields that default to the caller."""
    owner = schemas["NewTask"]["properties"]["userId"]
    owner["description"] = f"The caller, when left out; anyone else needs {Scope.ADMIN}."
    approver = schemas["ApprovalRequest"]["properties"]["approver"]
    del approver["default"]
    approver["description"] = "The caller, always: anyone else is refused."
