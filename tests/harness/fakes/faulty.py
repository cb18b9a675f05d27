"""Fakes that can be made to fail."""


class Faulty:
    """Raises the `failures` that it was given, one a call, and then works."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
