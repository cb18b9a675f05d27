"""`make token`: a token for the API, and nothing else on standard output."""

import getpass
from collections.abc import Sequence

from scripts.base.arguments import options
from scripts.base.failure import Failure, run_command
from scripts.deployments.target import chosen_target
from scripts.deployments.tokens import token_for
from services.core.callers import Scope

ORDINARY = "read write"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one for SUB (you, by default), good for SCOPES."""
    asked = options(__doc__, "env", "sub", "scopes", arguments=arguments)
    scopes = [scope_of(name) for name in (asked["scopes"] or ORDINARY).replace(",", " ").split()]
    subject = asked["sub"] or getpass.getuser()
    token = token_for(chosen_target(asked["env"]), subject, scopes)
    if token is None:
        raise Failure("the API asks nobody for a token: `make up AUTH=jwt` deploys it so that it does")
    print(token)


def scope_of(name: str) -> Scope:
    """The scope of this name; `read` is short for `tasks/read`."""
    try:
        return Scope(name if "/" in name else f"tasks/{name}")
    except ValueError:
        known = ", ".join(scope.removeprefix("tasks/") for scope in Scope)
        raise Failure(f"there is no scope {name!r}: SCOPES has some of {known}") from None


if __name__ == "__main__":
    run_command(main)
