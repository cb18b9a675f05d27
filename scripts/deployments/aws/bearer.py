"""What a token such as the one in API_TOKEN says of itself. For early words only; the API verifies tokens."""

import base64
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from scripts.base.failure import Failure
from services.core.callers import Scope

TOKEN = "API_TOKEN"  # noqa: S105 - the name of the variable
NEEDED = (Scope.READ, Scope.WRITE)


def require_usable_token(now: float | None = None) -> None:
    """Raise a Failure if there is a token in API_TOKEN that the smoke test could not work with.

    This comes before anything is applied: afterwards it would look like a release that does not work.
    """
    if not (token := os.environ.get(TOKEN)):
        return
    claims = claims_of(token)
    given = scopes_of(claims)
    if given is not None and (missing := [scope for scope in NEEDED if scope not in given]):
        raise Failure(
            f"{TOKEN} lacks the scope {' and '.join(missing)}: the smoke test creates, reads and deletes "
            "a task of the token's own subject. Nothing was changed"
        )
    if float(claims.get("exp", "inf")) < (time.time() if now is None else now):
        raise Failure(f"{TOKEN} has expired: set a new one, or unset it to test less. Nothing was changed")


def scopes_of(claims: Mapping[str, Any]) -> list[str] | None:
    """A token's scopes, which are in one string (RFC 9068) or in a list; None if it says nothing of them."""
    found = claims.get("scope") or claims.get("scp", claims.get("scope"))
    if found is None:
        return None
    return found.split() if isinstance(found, str) else list(found)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT (RFC 7519), not verified; empty if it is none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
