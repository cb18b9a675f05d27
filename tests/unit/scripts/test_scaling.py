"""The arithmetic of docs/scaling.md, and that the document agrees with it."""

import json
import math
import re
from collections.abc import Callable

import pytest

from scripts.base.paths import INFRA
from scripts.documents.figures import written
from scripts.documents.scaling import DOCUMENT, RATES, TABLES
from scripts.documents.variables import source
from scripts.economics.capacity import (
    API_THROTTLE,
    EVENLY_SPREAD,
    HOT_KEYS,
    QUOTAS,
    RELAY_CALL_SECONDS,
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
    status_units,
)
from scripts.economics.function_map import indexes, tables
from services.core.status import Status


def over(rate: float) -> set[str]:
    return {stage.name for stage in stages(rate) if stage.share > 1}


def test_the_document_has_the_figures_of_the_simulation() -> None:
    document = DOCUMENT.read_text()

    assert written(document, TABLES) == document, "run: make docs"


def test_the_documents_statements_on_each_rate_are_true() -> None:
    assert all(stage.share < 0.05 for stage in stages(10))
    assert over(1_000) == {"API: the stage's own throttle"}
    assert over(50_000) == {
        "API: the stage's own throttle",
        "API Gateway: requests of an account",
        "Lambda: concurrent executions",
        "DynamoDB: a new table's writes",
        "DynamoDB: a table's writes",
        "DynamoDB: the key `pending` of `by-status`",
        "DynamoDB: the key of the feed",
        "Relay: records of a shard",
        "EventBridge: deliveries to queues",
        "Step Functions: starts",
        "Step Functions: transitions",
    }

    document = DOCUMENT.read_text()
    assert "pending#18" in document
    assert "`status_shards = 19` and `feed_shards = 32`" in document
    assert shards_needed(pending_writes(50_000)) == 19
    assert shards_needed(feed_writes(50_000)) == 32
    assert factor_needed(1_000) == 3
    assert shards(50_000) * 10 <= 300, "the reserved concurrency that the document gives the relay"


def test_the_feed_binds_before_the_pending_key_and_after_the_relay() -> None:
    """With one shard of each."""
    bind_at = {stage.name: 1_000 / stage.share for stage in stages(1_000)}
    feed, pending = (bind_at[HOT_KEYS[key].name] for key in ("feed_table", "tasks_by_status_index"))

    assert feed < pending
    assert [name for name, rate in bind_at.items() if rate < feed] == [
        "API: the stage's own throttle",
        "Relay: records of a shard",
    ]
    assert feed == pytest.approx(1_700, rel=0.01)
    assert pending == pytest.approx(2_800, rel=0.01)
    assert "for more than about 2,800 requests" in source()


def test_in_prod_the_feed_does_not_bind_before_the_pending_key() -> None:
    values = (INFRA / "env/prod.tfvars").read_text()
    (number,) = re.findall(r"^feed_shards\s+= (\d+)$", values, re.MULTILINE)

    assert rate_with(int(number), feed_writes(1)) > rate_with(1, pending_writes(1))
    assert f"`feed_shards = {number}`" in DOCUMENT.read_text()


def test_every_table_and_index_has_a_busiest_key_or_is_spread_evenly() -> None:
    indexed = {name for table in tables() for name in indexes(table)}

    assert tables() | indexed == HOT_KEYS.keys() | EVENLY_SPREAD.keys()
    assert not HOT_KEYS.keys() & EVENLY_SPREAD.keys()


def test_no_status_is_busier_than_pending() -> None:
    assert max(Status, key=status_units) is Status.PENDING
    # Entering and leaving the status, changes, and the write before a deletion.
    assert status_units(Status.PENDING) == pytest.approx(2 * 0.13 + 0.065 + 0.03)


def test_every_quota_has_a_source_that_was_read() -> None:
    for name, quota in json.loads(QUOTAS.read_text())["quotas"].items():
        assert quota["source"].startswith("https://docs.aws.amazon.com/"), name
        assert quota["checked"], name
        assert quota["limit"] > 0, name


def test_the_apis_own_throttle_is_the_variables_default() -> None:
    variable = source().partition('variable "api_throttling_rate_limit"')[2]

    assert re.search(r"default\s+= (\d+)", variable)[1] == f"{API_THROTTLE:.0f}"  # type: ignore[index]


def test_a_lane_takes_a_batch_in_the_time_of_a_call() -> None:
    assert relay_capacity(1) == pytest.approx(10 / RELAY_CALL_SECONDS)
    assert relay_capacity(4) == 4 * relay_capacity(1)


def test_a_relay_that_is_too_slow_never_catches_up() -> None:
    assert records(50_000) / shards(50_000) > relay_capacity(1)
    assert math.isinf(relay_lag(50_000, 1).worst)


def test_the_lag_after_a_burst_is_the_backlog_over_the_capacity() -> None:
    lag = relay_lag(1_000, 1)
    arriving = records(1_000) / shards(1_000)

    piled_up = (3 * arriving - relay_capacity(1)) * 60

    assert lag.worst == pytest.approx(lag.steady + piled_up / relay_capacity(1), rel=0.01)
    assert lag.caught_up == pytest.approx(piled_up / (relay_capacity(1) - arriving), rel=0.01)


@pytest.mark.parametrize("rate", RATES[:2])
def test_with_enough_lanes_a_burst_adds_no_lag(rate: int) -> None:
    assert relay_lag(rate, factor_needed(rate)).worst == relay_lag(rate, factor_needed(rate)).steady


def test_a_hash_spreads_tasks_evenly_enough() -> None:
    assert busiest_shard(10_000, 1) == 1
    assert 1 / 15 <= busiest_shard(10_000, 15) < 1.1 / 15


@pytest.mark.parametrize("writes_at", [pending_writes, feed_writes])
@pytest.mark.parametrize("rate", RATES)
def test_the_needed_shards_carry_their_rate(rate: int, writes_at: Callable[[float], float]) -> None:
    needed = shards_needed(writes_at(rate))
    assert rate_with(needed, writes_at(1)) >= rate
    assert needed == 1 or rate_with(needed - 1, writes_at(1)) < rate


def test_more_shards_are_used_only_if_one_is_too_few() -> None:
    assert [shards_needed(pending_writes(rate)) for rate in (10, 1_000)] == [1, 1]

    needed = shards_needed(pending_writes(50_000))
    assert pending_writes(50_000) * busiest_shard(10_000, needed) <= 1_000
    assert pending_writes(50_000) * busiest_shard(10_000, needed - 1) > 1_000
