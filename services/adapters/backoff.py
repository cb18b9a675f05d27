"""Pauses before a write that lost a race is retried."""

import random
import time
from collections.abc import Callable

# Seconds. Collisions last for milliseconds. A queue's messages are handled one after another, so all pauses
# of a batch together must leave most of the function's time: tests/unit/adapters/test_backoff.py.
FIRST = 0.01
LONGEST = 0.08


class Backoff:
    """Exponential pauses with full jitter, so that writers that collided do not retry at the same moment.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    Chance (0 to 1) and sleep (seconds) are arguments, so that tests need neither.
    """

    def __init__(
        self, chance: Callable[[], float] = random.random, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._chance = chance
        self._sleep = sleep

    def pause(self, failures: int) -> None:
        """Sleeps after this many failures in a row (one or more)."""
        self._sleep(self._chance() * longest_pause(failures))


def longest_pause(failures: int) -> float:
    """The longest pause after this many failures, in seconds."""
    return float(min(LONGEST, FIRST * 2 ** (failures - 1)))
