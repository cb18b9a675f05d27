"""The tables of docs/scaling.md, from what scripts/economics/capacity.py computes."""

import math
from collections.abc import Callable

from scripts.base.paths import ROOT
from scripts.economics.capacity import (
    SPREAD,
    busiest_shard,
    factor_needed,
    feed_writes,
    pending_writes,
    rate_with,
    records,
    relay_capacity,
    relay_lag,
    shards,
    shards_needed,
    stages,
)
from scripts.economics.charges import LIST_UNITS
from services.adapters.dynamodb.shards import SIDE_BY_SIDE
from services.core.status import Status

DOCUMENT = ROOT / "docs/scaling.md"
RATES = (10, 1_000, 50_000)


def strain() -> str:
    """How much of each limit is used at each rate, as a table; what is beyond one is bold."""
    rates = " | ".join(f"{rate:,}/s" for rate in RATES)
    lines = [f"| limit | default | {rates} | lifted by |", "|---" * (3 + len(RATES)) + "|"]
    for each in zip(*map(stages, RATES), strict=True):
        shares = " | ".join(_share(stage.share) for stage in each)
        lines.append(f"| {each[0].name} | {each[0].limit:,.0f} | {shares} | {each[0].lift} |")
    return "\n".join(lines)


def relay() -> str:
    """The relay at each rate, with one lane a shard and with as many as a burst needs."""
    columns = (
        "requests/s | records/s | shards | factor | a shard's records/s | lag | worst in a burst | caught up"
    )
    lines = [f"| {columns} |", "|---" * 8 + "|"]
    for rate in RATES:
        for factor in sorted({1, factor_needed(rate)}):
            lag = relay_lag(rate, factor)
            numbers = (f"{rate:,}", f"{records(rate):,.0f}", shards(rate), factor)
            took = (_seconds(seconds) for seconds in (lag.steady, lag.worst, lag.caught_up))
            cells = [*map(str, numbers), f"{relay_capacity(factor):,.0f}", *took]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def hot_key() -> str:
    """The busiest key of by-status at each rate, and the shards that it would take."""
    return _sharded("`pending`", pending_writes)


def feed() -> str:
    """The feed at each rate, and the shards that it would take."""
    return _sharded("the feed", feed_writes)


def _sharded(key: str, writes_at: Callable[[float], float]) -> str:
    columns = f"requests/s | write units/s of {key} | of 1,000 | shards needed | units/s of the busiest"
    lines = [f"| {columns} |", "|---" * 5 + "|"]
    for rate in RATES:
        writes = writes_at(rate)
        needed = shards_needed(writes)
        busiest = writes * busiest_shard(SPREAD, needed)
        lines.append(f"| {rate:,} | {writes:,.1f} | {writes / 1000:,.0%} | {needed} | {busiest:,.0f} |")
    return "\n".join(lines)


def lists() -> str:
    """What lists cost with so many shards, when all have a page."""
    of_each = "queries | one after the other | read units"
    lines = [f"| `status_shards` | good for requests/s | by status: {of_each} | of everything: {of_each} |"]
    lines.append("|---" * 8 + "|")
    for number in (1, 5, 19, 100):
        cells = [f"{number}", f"{rate_with(number, pending_writes(1)):,.0f}"]
        for asked in (number, len(Status) * number):
            turns = asked if number == 1 else math.ceil(asked / SIDE_BY_SIDE)
            cells += [f"{asked}", f"{turns}", f"{asked * LIST_UNITS:,.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


TABLES = {"strain": strain, "relay": relay, "hot key": hot_key, "lists": lists, "feed": feed}


def _share(share: float) -> str:
    text = f"{share:,.0%}" if share >= 0.005 else "<1%"
    return f"**{text}**" if share > 1 else text


def _seconds(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds:.1f} s"
