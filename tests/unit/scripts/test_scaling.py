"""The arithmetic of docs/scaling.md, and that the document says what it comes to."""

import json
import math
import re

import pytest

from scripts.documents.scaling import BEGIN, DOCUMENT, RATES, TABLES, written
from scripts.documents.variables import source
from scripts.economics.capacity import (
    API_THROTTLE,
    QUOTAS,
    RELAY_CALL_SECONDS,
    busiest_shard,
    factor_needed,
    pending_writes,
    rate_with,
    records,
    relay_capacity,
    relay_lag,
    shards,
    stages,
    status_shards_needed,
)


def over(rate: float) -> set[str]:
    return {stage.name for stage in stages(rate) if stage.share > 1}


def test_the_document_has_the_figures_of_the_simulation() -> None:
    document = DOCUMENT.read_text()

    assert all(BEGIN.format(name) in document for name in TABLES)
    assert written(document) == document, "run: python -m scripts scaling --write"


def test_what_the_document_says_of_each_rate_is_so() -> None:
    assert all(stage.share < 0.05 for stage in stages(10))
    assert over(1_000) == {"API: the stage's own throttle"}
    assert over(50_000) == {
        "API: the stage's own throttle",
        "API Gateway: requests of an account",
        "Lambda: concurrent executions",
        "DynamoDB: a new table's writes",
        "DynamoDB: the key `pending` of `by-status`",
        "Relay: records of a shard",
        "EventBridge: deliveries to queues",
        "Step Functions: starts",
        "Step Functions: transitions",
    }
    assert "pending#14" in DOCUMENT.read_text()
    assert "`status_shards = 15`" in DOCUMENT.read_text()
    assert status_shards_needed(50_000) == 15
    assert pending_writes(3_800) < 1_000 < pending_writes(3_900)
    assert shards(50_000) * 10 <= 300, "the reserved concurrency that the document gives the relay"


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


def test_behind_a_burst_the_lag_is_what_piled_up_over_what_is_taken() -> None:
    lag = relay_lag(1_000, 1)
    arriving = records(1_000) / shards(1_000)

    piled_up = (3 * arriving - relay_capacity(1)) * 60

    assert lag.worst == pytest.approx(lag.steady + piled_up / relay_capacity(1), rel=0.01)
    assert lag.caught_up == pytest.approx(piled_up / (relay_capacity(1) - arriving), rel=0.01)


@pytest.mark.parametrize("rate", RATES[:2])
def test_with_as_many_lanes_as_needed_a_burst_is_not_felt(rate: int) -> None:
    assert relay_lag(rate, factor_needed(rate)).worst == relay_lag(rate, factor_needed(rate)).steady


def test_a_hash_spreads_tasks_evenly_enough() -> None:
    assert busiest_shard(10_000, 1) == 1
    assert 1 / 15 <= busiest_shard(10_000, 15) < 1.1 / 15


@pytest.mark.parametrize("rate", RATES)
def test_the_shards_that_a_rate_needs_are_good_for_it(rate: int) -> None:
    needed = status_shards_needed(rate)
    assert rate_with(needed) >= rate
    assert needed == 1 or rate_with(needed - 1) < rate


def test_more_shards_are_taken_only_when_one_does_not_do() -> None:
    assert [status_shards_needed(rate) for rate in (10, 1_000)] == [1, 1]
    needed = status_shards_needed(50_000)
    assert pending_writes(50_000) * busiest_shard(10_000, needed) <= 1_000
    assert pending_writes(50_000) * busiest_shard(10_000, needed - 1) > 1_000
