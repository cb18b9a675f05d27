"""`make token`: a token for the API, and nothing else on standard output."""

from scripts.base.failure import Failure
from scripts.base.user import user_name
from scripts.deployments.target import chosen_target
from scripts.deployments.tokens import token_for
from services.core.callers import Scope

ORDINARY = "read write"


def print_token(subject: str = "", scopes: str = ORDINARY, environment: str = "") -> None:
    """`make token`: print a token of a subject (the user of this machine, by default) with these scopes."""
    wanted = [scope_of(name) for name in (scopes or ORDINARY).replace(",", " ").split()]
    token = token_for(chosen_target(environment), subject or user_name(), wanted)
    if token is None:
        raise Failure("the API requires no token: `make up AUTH=jwt` deploys it with authentication")
    print(token)


def scope_of(name: str) -> Scope:
    """The scope of this name; `read` is short for `tasks/read`."""
    try:
        return Scope(name if "/" in name else f"tasks/{name}")
    except ValueError:
        known = ", ".join(scope.removeprefix("tasks/") for scope in Scope)
        raise Failure(f"there is no scope {name!r}: SCOPES has some of {known}") from None
