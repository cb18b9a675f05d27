"""What a run must keep to; what it did not keep makes it fail."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from load.variables import number

MILLISECONDS = "a number of milliseconds, such as 2000"


@dataclass(frozen=True)
class Limits:
    """Milliseconds, but for the error rate: the share of requests that may go wrong."""

    error_rate: float = 0.01
    p95_ms: float = 2000
    lag_p95_ms: float = 10_000

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> "Limits":
        """The limits, those of them that the environment gives replaced. Raises Failure for what is none."""
        share = "a share of the requests from 0 to 1, such as 0.01 for one in a hundred"
        return cls(
            error_rate=number(variables, "LOAD_ERROR_RATE", cls.error_rate, share, most=1),
            p95_ms=number(variables, "LOAD_P95_MS", cls.p95_ms, MILLISECONDS),
            lag_p95_ms=number(variables, "LOAD_LAG_P95_MS", cls.lag_p95_ms, MILLISECONDS),
        )


@dataclass(frozen=True)
class Figures:
    """What was measured. Requests that were throttled are counted apart: no function saw them.

    `lag_p95_ms` is None where no process received the bus's events.
    """

    requests: int
    errors: int
    throttled: int
    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    lag_p95_ms: float | None


def violations(figures: Figures, limits: Limits) -> list[str]:
    """A sentence for each limit that was not kept."""
    if figures.requests == 0:
        return ["no request was answered"]
    found = []
    rate = figures.errors / figures.requests
    if rate > limits.error_rate:
        found.append(f"{rate:.2%} of the requests failed: the limit is {limits.error_rate:.2%}")
    if figures.p95_ms > limits.p95_ms:
        found.append(f"requests took {figures.p95_ms:.0f} ms at p95: the limit is {limits.p95_ms:.0f} ms")
    if figures.lag_p95_ms is not None and figures.lag_p95_ms > limits.lag_p95_ms:
        found.append(
            f"events were {figures.lag_p95_ms:.0f} ms old at p95: the limit is {limits.lag_p95_ms:.0f} ms"
        )
    return found
