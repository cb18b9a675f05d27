"""What can go wrong, in the domain's words. The API maps each class to one HTTP answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.core.status import Status


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: `pointer` is its place, `detail` what was expected."""

    pointer: str
    detail: str


class DomainError(Exception):
    """A refusal with a reason that may be shown to the caller."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MalformedInput(DomainError):
    """The input cannot be read at all: not JSON, not UTF-8, not a cursor."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class InvalidInput(DomainError):
    """The input can be read, but breaks a rule."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.pointer}: {error.detail}" for error in errors))
        self.errors = tuple(errors)


class InputTooLarge(DomainError):
    """The input is larger than anything valid could be."""


class Forbidden(DomainError):
    """The caller is known, and may not do this."""


class InsufficientScope(DomainError):
    """The caller's token is not good for this: it lacks `scope`."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a token with the scope {scope}.")
        self.scope = scope


class TaskNotFound(DomainError):
    """There is no task of that id."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"There is no task with taskId {task_id!r}.")


class Conflict(DomainError):
    """The task's present state does not permit the change; `current` is its status."""

    def __init__(self, detail: str, current: Status, allowed: Sequence[Status] = ()) -> None:
        super().__init__(detail)
        self.current = current
        self.allowed = tuple(allowed)


class LostRace(DomainError):
    """Others kept changing the task; nothing was written."""


class VersionMismatch(DomainError):
    """The caller's precondition (If-Match, If-None-Match) does not hold; `current` is the present version."""

    def __init__(self, detail: str, current: str) -> None:
        super().__init__(detail)
        self.current = current


class IdempotencyKeyReused(DomainError):
    """The idempotency key was used before, with a different request."""


class StaleVersion(Exception):
    """The stored task is no longer the one that was read. Internal: callers read again or refuse."""


class ServiceUnavailable(Exception):
    """A service that we depend on is unreachable or refuses for now: the same call may succeed later."""
