"""Callers and what they may do: all rules of authorization.

A scope allows an operation on the caller's own tasks; `tasks/admin` extends it to everybody's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.core.errors import FieldError, Forbidden, InsufficientScope, InvalidInput
from services.core.task import Task

ANONYMOUS = "anonymous"


class Scope(StrEnum):
    """The scopes of a token."""

    READ = "tasks/read"
    WRITE = "tasks/write"
    APPROVE = "tasks/approve"
    ADMIN = "tasks/admin"


class Caller(Protocol):
    """The caller of a use case. Every use case requires one, so no endpoint can skip authorization.

    Its scope was checked before: each operation of the API names the one that it requires.
    """

    def owner(self, named: str | None, /) -> str:
        """The owner of a new task whose request names `named`. Raises Forbidden, InvalidInput."""

    def may_see(self, task: Task, /) -> bool:
        """Whether the caller may know that the task exists."""

    def confine(self, user_id: str | None, /) -> str | None:
        """The user whose data a listing for `user_id` may show; None is everybody. Raises Forbidden."""

    def require_user(self, user_id: str, /) -> None:
        """Raises Forbidden unless the caller may see this user's data."""

    def approver(self, task: Task, named: str | None, /) -> str:
        """The approver of a decision whose request names `named`. Raises Forbidden."""

    def own_key(self, key: str, /) -> str:
        """An idempotency key in the caller's own namespace."""


class Anyone:
    """The caller when authentication is off: every request is allowed and the ids in it are trusted."""

    def owner(self, named: str | None, /) -> str:
        """See Caller."""
        if named is None:
            raise InvalidInput([FieldError("#/userId", "Field required")])
        return named

    def may_see(self, _task: Task, /) -> bool:
        """See Caller."""
        return True

    def confine(self, user_id: str | None, /) -> str | None:
        """See Caller."""
        return user_id

    def require_user(self, _user_id: str, /) -> None:
        """See Caller."""

    def approver(self, _task: Task, named: str | None, /) -> str:
        """See Caller."""
        return named or ANONYMOUS

    def own_key(self, key: str, /) -> str:
        """See Caller."""
        return key


@dataclass(frozen=True)
class Authenticated:
    """A caller whose token was verified: its subject, which is a user id, and its scopes."""

    subject: str
    scopes: Collection[str]

    def require(self, scope: Scope, /) -> None:
        """Raises InsufficientScope. The API's entry point calls it, once, with the operation's scope."""
        if scope not in self.scopes:
            raise InsufficientScope(scope)

    def owner(self, named: str | None, /) -> str:
        """See Caller."""
        if named is not None:
            self.require_user(named)
        return named or self.subject

    def may_see(self, task: Task, /) -> bool:
        """See Caller."""
        return self._is_admin or task.user_id == self.subject

    def confine(self, user_id: str | None, /) -> str | None:
        """See Caller."""
        if user_id is not None:
            self.require_user(user_id)
        return user_id if self._is_admin else self.subject

    def require_user(self, user_id: str, /) -> None:
        """See Caller."""
        if user_id != self.subject and not self._is_admin:
            raise Forbidden(f"userId is not the token's subject {self.subject!r}: that needs {Scope.ADMIN}.")

    def approver(self, task: Task, named: str | None, /) -> str:
        """See Caller. Four eyes: no scope, not even `tasks/admin`, lets one decide on a task of one's own."""
        if named not in (None, self.subject):
            raise Forbidden(f"approver must be the token's subject {self.subject!r}: leave it out.")
        if task.user_id == self.subject:
            raise Forbidden("Users cannot decide on their own tasks: another user has to.")
        return self.subject

    def own_key(self, key: str, /) -> str:
        """See Caller. The first space ends the subject, whose own spaces are escaped."""
        subject = self.subject.replace("%", "%25").replace(" ", "%20")
        return f"{subject} {key}"

    @property
    def _is_admin(self) -> bool:
        return Scope.ADMIN in self.scopes


ANYONE = Anyone()
