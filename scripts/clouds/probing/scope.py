"""What probes make lives in a scope: names that nothing else has, and an end at which it is all removed."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.waiting import until
from scripts.clouds.clients import one_for_each_service

PREFIX = "task-manager-probe-"
DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.2
# Whatever an emulator does instead of answering: an error of AWS's, none of AWS's, or something unreadable.
REFUSALS = (BotoCoreError, ClientError, LookupError, ValueError, OSError)


class NotSeen(ValueError):
    """What was waited for did not come in time."""


class NeverSeen(NotSeen):
    """What is waited for will not come: nobody waits any longer."""


class Scope:
    """Clients, a unique name, and what is to be removed at the end, the newest first."""

    def __init__(self, endpoint: str, make_client: Callable[[str], Any], seconds: float) -> None:
        self.endpoint = endpoint
        self.name = f"{PREFIX}{uuid.uuid4().hex[:8]}"
        self.client = one_for_each_service(make_client)
        self.seconds = seconds
        self.role: str | None = None  # made by the first probe that needs one
        self._removals: list[Callable[[], object]] = []

    def remove_later(self, call: Callable[..., object], **arguments: Any) -> None:
        """Call it when the scope ends, however it ends; registered before the resource is made."""
        self._removals.append(lambda: call(**arguments))

    def wait(self, what: str, look: Callable[[], Any], seconds: float | None = None) -> Any:
        """What `look` gives once that is something; NotSeen after the deadline. Refusals are retried."""
        refused: list[Exception] = []

        def patient() -> Any:
            try:
                return look()
            except NeverSeen:
                raise
            except REFUSALS as error:
                refused[:] = [error]
                return None

        limit = self.seconds if seconds is None else seconds
        if seen := until(patient, seconds=limit, poll=POLL_SECONDS):
            return seen
        reason = f": {refused[0]}" if refused else ""
        raise NotSeen(f"{what} did not come within {limit:.0f} s{reason}")

    def close(self) -> None:
        """Remove everything; what is not there, or cannot be removed, does not keep the rest."""
        while self._removals:
            with contextlib.suppress(*REFUSALS):
                self._removals.pop()()


@contextlib.contextmanager
def scope(
    endpoint: str, make_client: Callable[[str], Any], seconds: float = DEADLINE_SECONDS
) -> Iterator[Scope]:
    """A scope that is emptied at its end, after Ctrl-C too."""
    opened = Scope(endpoint, make_client, seconds)
    try:
        yield opened
    finally:
        opened.close()
