"""What Locust's statistics say of a run."""

from typing import Any

from locust.stats import RequestStats, StatsEntry

from load.client import THROTTLED
from load.thresholds import Figures

EVENT = "EVENT"
LAG = "write → seen on the bus"


def figures_of(stats: RequestStats) -> Figures:
    """The figures of all calls together; those that were throttled are not among them, nor are events."""
    calls = StatsEntry(stats, "calls", "")
    throttled = 0
    for entry in stats.entries.values():
        if entry.method == THROTTLED:
            throttled += entry.num_requests
        elif entry.method != EVENT:
            calls.extend(entry)
    lag = stats.entries.get((LAG, EVENT))
    return Figures(
        requests=calls.num_requests,
        errors=calls.num_failures,
        throttled=throttled,
        requests_per_second=calls.total_rps if calls.num_requests else 0,
        p50_ms=calls.get_response_time_percentile(0.5),
        p95_ms=calls.get_response_time_percentile(0.95),
        p99_ms=calls.get_response_time_percentile(0.99),
        lag_p95_ms=lag.get_response_time_percentile(0.95) if lag else None,
    )


def rows_of(stats: RequestStats) -> list[dict[str, Any]]:
    """The figures of each call."""
    return [
        {
            "type": entry.method,
            "name": entry.name,
            "requests": entry.num_requests,
            "failures": entry.num_failures,
            "p50": entry.get_response_time_percentile(0.5),
            "p95": entry.get_response_time_percentile(0.95),
            "p99": entry.get_response_time_percentile(0.99),
        }
        for entry in sorted(stats.entries.values(), key=lambda entry: (entry.method, entry.name))
    ]
