"""`make cost` prices what is deployed."""

from collections import Counter
from collections.abc import Callable, Collection

import pytest

from scripts.economics.function_map import indexes, tables
from scripts.economics.workload import DASHBOARDS, LEAN, alarm_metrics
from tests.harness.plan import Plan


@pytest.mark.parametrize(("environment", "watched"), [("prod", alarm_metrics().keys()), ("dev", LEAN)])
def test_the_cost_model_counts_the_metrics_of_the_planned_alarms(
    plan_for: Callable[[str], Plan], environment: str, watched: Collection[str]
) -> None:
    plan = plan_for(environment)

    metrics: Counter[str] = Counter()
    for alarm in plan.of_type("aws_cloudwatch_metric_alarm"):
        section = alarm.values["alarm_description"].rpartition("#")[2]
        # An alarm on one metric names it itself.
        metrics[section] += max(1, sum(bool(query["metric"]) for query in alarm.values["metric_query"]))

    assert metrics == {section: alarm_metrics()[section] for section in watched}


@pytest.mark.parametrize(("environment", "monitoring"), [("prod", "full"), ("dev", "lean")])
def test_the_cost_model_counts_the_planned_dashboards(
    plan_for: Callable[[str], Plan], environment: str, monitoring: str
) -> None:
    resources = plan_for(environment).resources

    dashboards = [resource for resource in resources if resource.type == "aws_cloudwatch_dashboard"]

    assert len(dashboards) == DASHBOARDS[monitoring]


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
