"""The one polling loop: look, wait a little, look again, until it is as wanted or too late."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

POLL_SECONDS = 0.05

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Clock:
    """What is waited by: seconds from any beginning. A test's own makes minutes pass in no time."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK = Clock()


def until(
    look: Callable[[], Seen],
    wanted: Callable[[Seen], object] = bool,
    *,
    seconds: float,
    poll: float = POLL_SECONDS,
    clock: Clock = SYSTEM_CLOCK,
) -> Seen:
    """What `look` gives as soon as it is wanted; after so many seconds, what it gives then.

    Looks at least once. The caller checks the answer to see whether it came in time.
    """
    end = clock.now() + seconds
    while not wanted(seen := look()) and (left := end - clock.now()) > 0:
        clock.sleep(min(poll, left))
    return seen
