"""`make cost` prices what is deployed."""

from collections.abc import Callable

import pytest

from scripts.economics.function_map import indexes, tables
from scripts.economics.workload import Options
from tests.harness.plan import Plan, Resource


def test_the_cost_model_counts_the_planned_alarms_and_dashboards(plan_for: Callable[[str], Plan]) -> None:
    plan = plan_for("prod")
    alarms = plan.of_type("aws_cloudwatch_metric_alarm")

    def looked_at(alarm: Resource) -> int:
        """How many metrics an alarm uses; one, if it watches a metric directly."""
        return max(1, sum(bool(query["metric"]) for query in alarm.values["metric_query"]))

    metrics = sum(looked_at(alarm) for alarm in alarms)

    # A few more or fewer do not matter; twice as many would.
    assert metrics == pytest.approx(Options().alarms, rel=0.2)
    assert len(plan.of_type("aws_cloudwatch_dashboard")) == Options().dashboards


def test_the_cost_model_prices_the_planned_tables_and_indexes(plan: Plan) -> None:
    deployed = {
        f"{table.values['name'].rpartition('-')[2]}_table": {
            index["name"] for index in table.values["global_secondary_index"]
        }
        for table in plan.of_type("aws_dynamodb_table")
    }
    # The map calls an index after its table: tasks_by_user_index is by-user of the tasks.
    priced = {
        table: {
            name.removeprefix(table.removesuffix("table")).removesuffix("_index").replace("_", "-")
            for name in indexes(table)
        }
        for table in tables()
    }

    assert priced == deployed
