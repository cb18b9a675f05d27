"""The caller of a request, from the claims that the gateway has verified."""

from services.api.problems import NotAuthenticated
from services.api.request import Request
from services.composition import Services
from services.core.callers import ANYONE, Authenticated, Caller, Scope
from services.core.task import MAX_USER_ID, is_user_id

# The caller of a public operation: owns nothing and has no scope.
PUBLIC: Caller = Authenticated("", frozenset())


def caller_of(request: Request, services: Services, scope: Scope | None) -> Caller:
    """The caller, whose token has this scope; PUBLIC, where none is required.

    Raises NotAuthenticated without a valid token, and InsufficientScope.
    """
    if scope is None:
        return PUBLIC
    if not services.authenticates:
        return ANYONE
    claims = request.verified_claims
    if claims is None:
        raise NotAuthenticated("This needs a valid token: Authorization: Bearer ….")
    subject = claims.get("sub", "")
    if not is_user_id(subject):
        raise NotAuthenticated(f"The token's subject is not a userId: 1 to {MAX_USER_ID} visible characters.")
    caller = Authenticated(subject, _scopes(claims.get("scope") or claims.get("scp") or ""))
    caller.require(scope)
    return caller


def _scopes(claim: str) -> frozenset[str]:
    """RFC 9068 has scopes in one string, others in a list, of which the gateway makes `[a b]`."""
    return frozenset(claim.removeprefix("[").removesuffix("]").replace(",", " ").split())
