"""Waits for asynchronous effects: polls until a deadline, and reports what was missing."""

from collections.abc import Callable
from typing import TypeVar

from scripts.base import waiting

POLL_SECONDS = 0.1
DEADLINE_SECONDS = 60.0

Found = TypeVar("Found")


class NotInTime(AssertionError):
    """Something did not happen within its deadline."""

    def __init__(self, what: str, seconds: float, last: object) -> None:
        super().__init__(f"{what} did not happen within {seconds:.0f} s: last seen {last!r}")
        self.expected = f"{what} within {seconds:.0f} s"
        self.came = f"last seen {last!r}"


def eventually(find: Callable[[], Found | None], what: str = "it", deadline: float | None = None) -> Found:
    """Gives the first true result of `find`; fails after `deadline` seconds, with the last result.

    The default deadline is DEADLINE_SECONDS, at the time of the call.
    """
    found = until(find, bool, what, deadline)
    assert found
    return found


def until(
    find: Callable[[], Found], wanted: Callable[[Found], bool], what: str, deadline: float | None = None
) -> Found:
    """Gives the first result of `find` that is wanted; fails as `eventually` does."""
    deadline = DEADLINE_SECONDS if deadline is None else deadline
    found = waiting.until(find, wanted, seconds=deadline, poll=POLL_SECONDS)
    if not wanted(found):
        raise NotInTime(what, deadline, found)
    return found
