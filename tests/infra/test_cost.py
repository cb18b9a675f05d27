"""`make cost` prices what is deployed."""

from collections.abc import Callable

import pytest

from scripts.economics.workload import Options
from tests.infra.plan import Plan, Resource


def test_alarms_and_dashboards_are_as_many_as_are_priced(plan_for: Callable[[str], Plan]) -> None:
    plan = plan_for("prod")
    alarms = plan.of_type("aws_cloudwatch_metric_alarm")

    def looked_at(alarm: Resource) -> int:
        """The metrics that an alarm computes with; one, if it looks at a metric as it is."""
        return max(1, sum(bool(query["metric"]) for query in alarm.values["metric_query"]))

    metrics = sum(looked_at(alarm) for alarm in alarms)

    # A few more or less change nothing that matters; twice as many would.
    assert metrics == pytest.approx(Options().alarms, rel=0.2)
    assert len(plan.of_type("aws_cloudwatch_dashboard")) == Options().dashboards
