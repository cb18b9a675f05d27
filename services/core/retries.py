"""Retrying a write that lost a race against another writer."""

from collections.abc import Callable
from typing import TypeVar

from services.core.errors import StaleVersion

Result = TypeVar("Result")


def no_pause(_failures: int) -> None:
    """For writes that a client waits for: each lost race means that another writer succeeded."""


def retry_lost_race(
    attempt: Callable[[], Result],
    attempts: int,
    exhausted: Exception,
    pause: Callable[[int], None] = no_pause,
) -> Result:
    """The result of the first of `attempts` calls that raises no StaleVersion. Raises `exhausted`.

    `attempt` reads the current state again. `pause` is called between attempts with the failures so far.
    """
    for failures in range(1, attempts + 1):
        try:
            return attempt()
        except StaleVersion:
            if failures < attempts:
                pause(failures)
    raise exhausted
