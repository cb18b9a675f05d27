"""The arithmetic of the bill."""

import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from scripts.base.functions import HttpTrigger, QueueTrigger, function_map
from scripts.base.paths import ROOT
from scripts.documents import costs
from scripts.documents.figures import written
from scripts.economics.charges import (
    COUNTED_APART,
    FREE,
    NOT_CALLED,
    NOT_IN_THE_MIX,
    NOT_MEASURED,
    NOT_USED,
    PRICES,
    uses,
)
from scripts.economics.cost import at_traffic, months, standing
from scripts.economics.function_map import resources, rights, tables, with_trigger
from scripts.economics.mix import MIX, ROUTES, WRITES
from scripts.economics.month import MEASURED, SERVICES, Measured, bill, savings, total
from scripts.economics.prices import FILE, Prices
from scripts.economics.workload import (
    IDLE_POLLS,
    Options,
    alarm_metrics,
    billed_ms,
    events_of_the_mix,
    transitions_of_an_approval,
    usage,
)
from services.core.aggregates import EVENTS

TABLE = Prices.read()
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


def test_prices_of_aws_are_counted_and_unconfirmed_ones_named() -> None:
    tiers = {"one": [(1.0, 1.0)], "two": [(1.0, 1.0)], "three": [(1.0, 1.0)]}
    prices = Prices("here", "today", tiers, frozenset({"two", "three"}), frozenset({"three"}))

    assert "1 of 3 are from AWS itself" in standing(prices)
    assert standing(prices).endswith("Not confirmed: three.")
    assert "Not confirmed" not in standing(TABLE), "say what confirms a new price, in its `checked`"


def test_every_unit_has_a_price_and_every_price_a_service() -> None:
    for api_type in ("http", "rest"):
        assert usage(1e6, Options(api_type=api_type)).units.keys() <= TABLE.tiers.keys()
    assert {name.partition("_")[0] for name in TABLE.tiers} == SERVICES.keys()


def test_the_shares_of_the_requests_add_up_to_one() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert MIX.keys() == ROUTES.keys()
    deployed = {route for trigger in with_trigger(HttpTrigger).values() for route in trigger.routes}
    assert set(ROUTES.values()) <= deployed


def waiting_reactions() -> set[str]:
    """The reactions to events that the mix does not lead to."""
    return {
        name
        for name, trigger in with_trigger(QueueTrigger).items()
        if NOT_IN_THE_MIX.keys() >= set(trigger.detail_types)
    }


def test_every_function_is_priced_or_has_a_reason_not_to_be() -> None:
    calls = usage(1e6, Options()).calls

    assert calls.keys() == function_map().keys()
    assert {name for name, number in calls.items() if not number} == NOT_CALLED.keys() | waiting_reactions()


def test_every_table_queue_and_topic_is_used_or_has_a_reason_not_to_be() -> None:
    found = usage(1e6, Options())
    used = {name for uses in (found.resources, found.writes) for name, times in uses.items() if times}

    assert (resources() | set(tables())) - used == NOT_USED.keys()
    assert found.messages.keys() == with_trigger(QueueTrigger).keys()
    assert {name for name, messages in found.messages.items() if not messages} == waiting_reactions()
    assert all(found.records.get(table) for table in set(tables()) - NOT_USED.keys())


def test_every_right_has_a_price_or_a_reason_not_to_have_one() -> None:
    assert {action for _, action, _ in rights()} == PRICES.keys() | FREE.keys() | COUNTED_APART.keys()
    assert not FREE.keys() & PRICES.keys()


def test_every_exception_names_an_existing_right() -> None:
    assert uses(0.5).keys() <= set(rights())


def test_the_mix_leads_to_every_kind_of_event_or_there_is_a_reason() -> None:
    assert events_of_the_mix(1).keys() == EVENTS.keys() - NOT_IN_THE_MIX.keys()
    assert sum(write.per_request for write in WRITES if write.before is None) == pytest.approx(MIX["create"])


def test_a_new_endpoint_has_no_price_until_the_mix_has_its_route(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = HttpTrigger({"POST /copies": "tasks/write"})
    more = {**function_map(), "copy_task": replace(function_map()["get_task"], trigger=copies)}
    monkeypatch.setattr("scripts.economics.function_map.functions", lambda: more)

    assert usage(1e6, Options()).calls["copy_task"] == 0


def test_a_new_reaction_is_priced_by_its_events_and_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    before = usage(1000, Options())
    more = {**function_map(), "record_again": function_map()["record_event"]}
    monkeypatch.setattr("scripts.economics.function_map.functions", lambda: more)

    after = usage(1000, Options())

    assert after.calls["record_again"] == before.calls["record_event"]
    assert after.units["dynamodb_write_unit"] - before.units["dynamodb_write_unit"] == pytest.approx(2 * 590)


def test_every_function_that_runs_was_measured() -> None:
    measured = json.loads(MEASURED.read_text())["functions"]

    called = {name for name, calls in usage(1, Options()).calls.items() if calls}
    assert called - measured.keys() <= NOT_MEASURED.keys()
    assert not NOT_MEASURED.keys() & measured.keys(), "it was measured: remove the line"
    assert measured.keys() <= function_map().keys()


def test_a_function_that_was_not_measured_costs_the_median_of_the_others() -> None:
    measured = Measured("here", "now", {"a": 1.0, "b": 2.0, "c": 9.0}, {"a": 10.0, "b": 30.0, "c": 20.0})

    assert measured.of("c") == (9.0, 20.0)
    assert measured.of("new") == (2.0, 20.0)


def test_lambda_is_billed_by_calls_and_by_the_memory_and_time_of_each() -> None:
    options = Options(memory_mb=1769, busy=1)
    calls = sum(usage(1e6, options).calls.values())

    gb_seconds = calls * MEASURED_MS / 1000 * 1769 / 1024

    assert bill(1e6, options, TABLE, TWENTY_MS)["Lambda"] == pytest.approx(
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
    assert sum(found.calls[function] for function in with_trigger(HttpTrigger)) == pytest.approx(1000)


def test_a_created_task_costs_units_of_the_table_its_indexes_and_the_count() -> None:
    without, keyed = usage(1000, Options(keyed=0)), usage(1000, Options(keyed=1))

    assert keyed.units["dynamodb_write_unit"] - without.units["dynamodb_write_unit"] == pytest.approx(3 * 150)
    # 150 created, 65 begun, 65 changed, 80 completed, 30 deleted, 20 approved; an entry of the feed each
    expected = 150 * 7 + 65 * 4 + 65 * 3 + 80 * 11 + 30 * 6 + 20 * 6 + 590 * 2
    assert without.units["dynamodb_write_unit"] == pytest.approx(expected)


def test_events_are_those_of_the_writes() -> None:
    # created 150, updated 130 + 80 + 20, completed 80, deleted 30, approved 20, expired 80
    found = usage(1000, Options())
    by_queue = {
        "on_created": 150,
        "on_updated": 230,
        "on_completed": 80,
        "on_deleted": 110,
        "record_event": 590,
    }

    assert found.units["event"] == pytest.approx(590)
    assert {name: found.messages[name] for name in by_queue} == pytest.approx(by_queue)


def test_records_are_the_writes_and_what_expires() -> None:
    # created 150, updated 130 + 80, approved 20, deleted twice 30; of the completed, the mark and the expiry
    records = usage(1000, Options()).records

    assert records["tasks_table"] == pytest.approx(150 + 210 + 20 + 60 + 2 * 80)
    assert records["approvals_table"] == pytest.approx(3 * 20)


def test_empty_queues_cost_idle_polls() -> None:
    assert usage(0, Options()).units["sqs_request"] == len(with_trigger(QueueTrigger)) * IDLE_POLLS
    assert pytest.approx(3.24e6) == 5 * IDLE_POLLS


def test_an_approval_has_one_transition_per_state_on_its_way() -> None:
    # ValidateTask, CheckPriority, WaitForApproval, ApplyDecision, Done, Approved
    assert transitions_of_an_approval() == 6


def test_an_idle_month_still_costs_keys_and_alarms() -> None:
    services = bill(0, Options(), TABLE, TWENTY_MS)

    assert services["Lambda"] == services["API Gateway"] == services["DynamoDB"] == 0
    assert services["KMS"] > 1
    assert services["CloudWatch alarms"] == pytest.approx(0.1 * sum(alarm_metrics().values()))
    assert services["CloudWatch metrics"] == 0


def test_lean_monitoring_costs_less_than_a_dollar_a_queue_without_requests() -> None:
    services = bill(0, Options(monitoring="lean"), TABLE, TWENTY_MS)

    assert total(services) < len(with_trigger(QueueTrigger))


def test_own_metrics_are_paid_for_the_hours_in_which_they_have_a_value() -> None:
    day = bill(24, Options(), TABLE, TWENTY_MS)
    month = bill(1000, Options(), TABLE, TWENTY_MS)

    assert day["CloudWatch metrics"] == pytest.approx(month["CloudWatch metrics"] / 30)


def test_more_requests_cost_more_and_each_of_them_less() -> None:
    amounts = [
        total(bill(number, at_traffic(Options(), number), TABLE, TWENTY_MS)) for number in (1e5, 1e7, 1e9)
    ]

    assert amounts == sorted(amounts)
    each = [amount / number for amount, number in zip(amounts, (1e5, 1e7, 1e9), strict=True)]
    assert each == sorted(each, reverse=True)


def test_savings_are_the_difference_of_two_bills() -> None:
    saved = savings(1e7, Options(), TABLE, TWENTY_MS)

    assert saved["HTTP API, not REST API"] == pytest.approx(25)
    assert saved["bucket keys, not a KMS call for each object"] == pytest.approx(0.99 * 8e5 * 3e-6)
    arm = bill(1e7, Options(), TABLE, TWENTY_MS)["Lambda"]
    x86 = bill(1e7, Options(architecture="x86_64"), TABLE, TWENTY_MS)["Lambda"]
    assert saved["arm64, not x86_64"] == pytest.approx(x86 - arm)
    month = bill(1e7, Options(log_retention_days=365), TABLE, TWENTY_MS)["CloudWatch logs"]
    assert saved["logs kept 30 days, not 365"] == pytest.approx(
        month - bill(1e7, Options(), TABLE, TWENTY_MS)["CloudWatch logs"]
    )


def test_a_month_is_shown_with_its_sum() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(months(1e6, Options(), TABLE, TWENTY_MS))

    shown = console.export_text()

    assert all(service in shown for service in SERVICES.values())
    assert f"{total(bill(1e6, at_traffic(Options(), 1e6), TABLE, TWENTY_MS)):.2f}" in shown


def test_the_page_about_costs_is_up_to_date() -> None:
    page = costs.DOCUMENT.read_text()

    assert written(page, costs.TABLES) == page, "run: make docs"
    # Every amount in dollars is computed, but for the example of a line.
    text = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    assert set(re.findall(r"\$\d+", text)) == set(re.findall(r"\$\d+", costs.summary()))


def test_no_other_page_quotes_costs() -> None:
    pages = {ROOT / "README.md", *(ROOT / "docs").glob("*.md")} - {costs.DOCUMENT}
    # A dollar and a digit is a shell's argument too.
    quoted = re.compile(r"\$\d[\d,.]* (?:a|for) ")

    assert {page.name for page in pages if quoted.search(page.read_text())} == set()
