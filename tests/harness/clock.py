"""A clock that advances only by sleeping, so that minutes of waiting take no time."""

from collections.abc import Callable


class Clock:
    """Seconds since it was made; `at` is called at each sleep, with the time then."""

    def __init__(self, at: Callable[[float], None] = lambda _: None) -> None:
        self.seconds = 0.0
        self._at = at

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._at(self.seconds)
