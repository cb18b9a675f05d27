"""The arithmetic of the bill."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from scripts.economics.cost import at_traffic, months, standing
from scripts.economics.month import MEASURED, SERVICES, Measured, bill, savings, total
from scripts.economics.prices import FILE, Prices
from scripts.economics.workload import (
    API_FUNCTION,
    IDLE_POLLS,
    MIX,
    Options,
    billed_ms,
    transitions_of_an_approval,
    usage,
)
from tests.function_map import FUNCTIONS
from tests.harness.command_line import task_manager

PRICES = Prices.read()
MEASURED_MS = 20.0
TWENTY_MS = Measured.read().given(MEASURED_MS)


def test_tiers_are_paid_for_one_after_the_other() -> None:
    prices = Prices("here", "now", {"thing": [(10, 2.0), (30, 1.0), (float("inf"), 0.5)]})

    assert prices.of("thing", 0) == 0
    assert prices.of("thing", 10) == 20
    assert prices.of("thing", 15) == 25
    assert prices.of("thing", 40) == 20 + 20 + 5


def test_the_price_table_names_its_region_its_date_and_a_source_for_every_price() -> None:
    table = json.loads(FILE.read_text())

    assert (table["region"], table["currency"]) == ("us-east-1", "USD")
    for name, price in table["prices"].items():
        assert price["source"].startswith("https://"), name
        assert "2023" <= price["seen"] <= table["checked"], name
        assert price["by"] in ("AWS", "others"), name


def test_prices_that_nothing_confirms_are_named_and_those_of_others_counted() -> None:
    tiers = {"one": [(1.0, 1.0)], "two": [(1.0, 1.0)], "three": [(1.0, 1.0)]}
    prices = Prices("here", "today", tiers, frozenset({"two", "three"}), frozenset({"three"}))

    assert "1 of 3 are AWS's own" in standing(prices)
    assert standing(prices).endswith("Not confirmed: three.")
    assert "Not confirmed" not in standing(PRICES), "say what confirms a new price, in its `checked`"


def test_every_unit_has_a_price_and_every_price_a_service() -> None:
    for api_type in ("http", "rest"):
        assert usage(1e6, Options(api_type=api_type)).units.keys() <= PRICES.tiers.keys()
    assert {name.partition("_")[0] for name in PRICES.tiers} == SERVICES.keys()


def test_the_shares_of_the_requests_are_all_there_is() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert MIX.keys() == API_FUNCTION.keys()


def test_every_function_that_runs_was_measured() -> None:
    measured = json.loads(MEASURED.read_text())["functions"]

    assert usage(1, Options()).calls.keys() <= measured.keys()
    assert measured.keys() <= FUNCTIONS.keys()


def test_lambda_is_billed_by_calls_and_by_the_memory_and_time_of_each() -> None:
    options = Options(memory_mb=1769, busy=1)
    calls = sum(usage(1e6, options).calls.values())

    gb_seconds = calls * MEASURED_MS / 1000 * 1769 / 1024

    assert bill(1e6, options, PRICES, TWENTY_MS)["Lambda"] == pytest.approx(
        calls * 2e-7 + gb_seconds * 1.33334e-5
    )


def test_a_share_of_a_processor_takes_longer_for_work_and_no_longer_for_waiting() -> None:
    assert billed_ms(10, Options(memory_mb=1769, busy=1)) == 10
    assert billed_ms(10, Options(memory_mb=3538, busy=1)) == 10
    assert billed_ms(10, Options(memory_mb=512, busy=0)) == 10
    assert billed_ms(10, Options(memory_mb=512, busy=1)) == pytest.approx(34.55, abs=0.01)


def test_every_request_passes_the_gateway_and_one_function() -> None:
    found = usage(1000, Options())

    assert found.units["api_http_request"] == 1000
    assert sum(found.calls[function] for function in set(API_FUNCTION.values())) == pytest.approx(1000)


def test_a_created_task_costs_units_of_the_table_its_indexes_and_the_count() -> None:
    without, keyed = usage(1000, Options(keyed=0)), usage(1000, Options(keyed=1))

    assert keyed.units["dynamodb_write_unit"] - without.units["dynamodb_write_unit"] == pytest.approx(3 * 150)
    # 150 created, 65 begun, 65 changed, 80 completed, 30 deleted, 20 approved
    expected = 150 * 7 + 65 * 4 + 65 * 3 + 80 * 11 + 30 * 6 + 20 * 7
    assert without.units["dynamodb_write_unit"] == pytest.approx(expected)


def test_events_are_those_of_the_writes() -> None:
    # created 150, updated 130 + 80 + 20, completed 80, deleted 30, approved 20
    assert usage(1000, Options()).units["event"] == pytest.approx(510)


def test_queues_are_asked_in_vain_when_there_is_nothing_in_them() -> None:
    assert usage(0, Options()).units["sqs_request"] == 4 * IDLE_POLLS
    assert pytest.approx(2.592e6) == 4 * IDLE_POLLS


def test_an_approval_has_as_many_transitions_as_its_definition_has_states_on_the_way() -> None:
    # ValidateTask, CheckPriority, WaitForApproval, ApplyDecision, Done, Approved
    assert transitions_of_an_approval() == 6


def test_nothing_asked_is_not_nothing_paid() -> None:
    services = bill(0, Options(), PRICES, TWENTY_MS)

    assert services["Lambda"] == services["API Gateway"] == services["DynamoDB"] == 0
    assert services["KMS"] > 1
    assert services["CloudWatch alarms"] == pytest.approx(8.5)


def test_more_requests_cost_more_and_each_of_them_less() -> None:
    amounts = [
        total(bill(number, at_traffic(Options(), number), PRICES, TWENTY_MS)) for number in (1e5, 1e7, 1e9)
    ]

    assert amounts == sorted(amounts)
    each = [amount / number for amount, number in zip(amounts, (1e5, 1e7, 1e9), strict=True)]
    assert each == sorted(each, reverse=True)


def test_what_is_saved_is_the_difference_of_two_bills() -> None:
    saved = savings(1e7, Options(), PRICES, TWENTY_MS)

    assert saved["HTTP API, not REST API"] == pytest.approx(25)
    assert saved["bucket keys, not a KMS call for each object"] == pytest.approx(0.99 * 8e5 * 3e-6)
    arm = bill(1e7, Options(), PRICES, TWENTY_MS)["Lambda"]
    x86 = bill(1e7, Options(architecture="x86_64"), PRICES, TWENTY_MS)["Lambda"]
    assert saved["arm64, not x86_64"] == pytest.approx(x86 - arm)
    month = bill(1e7, Options(log_retention_days=365), PRICES, TWENTY_MS)["CloudWatch logs"]
    assert saved["logs kept 30 days, not 365"] == pytest.approx(
        month - bill(1e7, Options(), PRICES, TWENTY_MS)["CloudWatch logs"]
    )


def test_the_bill_is_shown_with_its_sum() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(months(1e6, Options(), PRICES, TWENTY_MS))

    assert f"{total(bill(1e6, at_traffic(Options(), 1e6), PRICES, TWENTY_MS)):.2f}" in console.export_text()


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the command is asked to price."""
    asked: list[Any] = []
    monkeypatch.setattr("scripts.economics.cost.show", lambda *given: asked.extend(given))
    return asked


def test_what_is_asked_for_is_priced(priced: list[Any]) -> None:
    asked = ["--requests", "5e6", "--memory", "1024", "--architecture", "x86_64", "--api", "rest"]

    assert task_manager("cost", *asked, "--retention", "7", "--milliseconds", "50") == 0

    options = replace(Options(), memory_mb=1024, architecture="x86_64", api_type="rest", log_retention_days=7)
    assert priced == [5e6, options, 50.0]


def test_by_default_a_million_requests_are_priced(priced: list[Any]) -> None:
    assert task_manager("cost") == 0

    assert priced == [1e6, Options(), None]


@pytest.mark.parametrize(
    ("argument", "text", "said"),
    [
        ("requests", "many", "'many' is not a number from 1 to 1e+12"),
        ("requests", "0", "'0' is not a number from 1 to 1e+12"),
        ("memory", "64", "'64' is not a number from 128 to 10240"),
        ("architecture", "mips", "'arm64', 'x86_64'"),
        ("api", "soap", "'http', 'rest'"),
    ],
)
def test_an_unusable_argument_is_named(
    priced: list[Any], capsys: pytest.CaptureFixture[str], argument: str, text: str, said: str
) -> None:
    assert task_manager("cost", f"--{argument}", text) == 2

    error = capsys.readouterr().err
    assert f"--{argument}" in error
    assert said in error
    assert priced == []
