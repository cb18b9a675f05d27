"""The one polling loop: look, wait a little, look again, until it is as wanted or too late."""

import time
from collections.abc import Callable
from typing import TypeVar

POLL_SECONDS = 0.05

Seen = TypeVar("Seen")


def until(
    look: Callable[[], Seen],
    wanted: Callable[[Seen], object] = bool,
    *,
    seconds: float,
    poll: float = POLL_SECONDS,
) -> Seen:
    """What `look` gives as soon as it is wanted; after so many seconds, what it gives then.

    Looks at least once. The caller checks the answer to see whether it came in time.
    """
    end = time.monotonic() + seconds
    while not wanted(seen := look()) and time.monotonic() < end:
        time.sleep(poll)
    return seen
