"""Alarms and dashboard: they use metrics that exist, cover every resource, and say what to do."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from scripts.base.paths import ROOT
from scripts.terraform.identity import ACCOUNT_ID
from services.core.metrics import METRICS
from tests.harness.function_map import FUNCTIONS, by_trigger
from tests.harness.monitoring import AWS_METRICS, OWN_NAMESPACE, alarms, exists, of_alarm, of_dashboard
from tests.harness.plan import Plan

RUNBOOK = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
SECTIONS = set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))


def dashed(name: str) -> str:
    return name.replace("_", "-")


@pytest.fixture(scope="module")
def rest_plan(flavour: Callable[[str], Plan]) -> Plan:
    """With a REST API, whose dashboard is known before the apply: its metrics have a name, not an id."""
    return flavour("rest-waf-domain")


@pytest.fixture(scope="module")
def dashboard(rest_plan: Plan) -> dict[str, Any]:
    return rest_plan.one("aws_cloudwatch_dashboard.this[0]").document("dashboard_body")


class TestAlarms:
    def test_every_function_has_alarms(self, plan: Plan) -> None:
        found = alarms(plan)

        for function in FUNCTIONS:
            for kind, metric, most in (("errors", "Errors", 10), ("throttles", "Throttles", 5)):
                alarm = found[f"{dashed(function)}-{kind}"]
                (asked,) = of_alarm(alarm)

                assert (asked.name, alarm.values["threshold"]) == (metric, most)
                assert asked.dimensions
                assert asked.dimensions["FunctionName"].endswith(dashed(function))

    def test_every_queue_stream_and_table_has_alarms(self, plan: Plan) -> None:
        found = alarms(plan)
        tables = plan.of_type("aws_dynamodb_table")
        watched = {
            (asked.dimensions["TableName"], asked.dimensions.get("GlobalSecondaryIndexName"))
            for name, alarm in found.items()
            for asked in of_alarm(alarm)
            if name.endswith("-table-throttles") and asked.dimensions
        }
        indexes = {(t.values["name"], i["name"]) for t in tables for i in t.values["global_secondary_index"]}

        for function in by_trigger("queue"):
            assert {
                f"{dashed(function)}-{kind}" for kind in ("queue-age", "failures", "dead-letters")
            } <= set(found)
        for function in by_trigger("stream"):
            assert {f"{dashed(function)}-{kind}" for kind in ("iterator-age", "dead-letters")} <= set(found)
        assert watched == indexes | {(table.values["name"], None) for table in tables}

    def test_a_single_dead_letter_raises_an_alarm(self, aws_plan: Plan) -> None:
        watched = {
            asked.dimensions["QueueName"]
            for name, alarm in alarms(aws_plan).items()
            for asked in of_alarm(alarm)
            if name.endswith("-dead-letters") and asked.dimensions and alarm.values["threshold"] == 0
        }
        queues = aws_plan.of_type("aws_sqs_queue")
        assert watched == {queue.values["name"] for queue in queues if queue.name != "this"}

    @pytest.mark.parametrize(
        ("name", "threshold", "statistic"),
        [
            ("api-5xx", 10, "Sum"),
            ("api-latency", 2000, "p99"),
            ("approval-failures", 0, None),
        ],
    )
    def test_thresholds(self, plan: Plan, name: str, threshold: float, statistic: str | None) -> None:
        values = alarms(plan)[name].values

        assert values["comparison_operator"] == "GreaterThanThreshold"
        assert values["threshold"] == threshold
        assert (values["statistic"] or values["extended_statistic"] or None) == statistic

    def test_alarms_of_the_api_use_the_metric_names_of_its_type(
        self, aws_plan: Plan, rest_plan: Plan
    ) -> None:
        for plan, names in (
            (aws_plan, {"5xx", "Count", "Latency"}),
            (rest_plan, {"5XXError", "Count", "Latency"}),
        ):
            asked = [one for alarm in alarms(plan).values() for one in of_alarm(alarm)]
            assert {one.name for one in asked if one.namespace == "AWS/ApiGateway"} == names

    def test_each_uses_metrics_that_exist(self, aws_plan: Plan, rest_plan: Plan) -> None:
        for plan in (aws_plan, rest_plan):
            missing = [(n, one) for n, a in alarms(plan).items() for one in of_alarm(a) if not exists(one)]
            assert missing == []

    def test_own_metrics_are_queried_with_dimensions_that_are_written(self, aws_plan: Plan) -> None:
        asked = [one for alarm in alarms(aws_plan).values() for one in of_alarm(alarm)]
        own = [one.dimensions or {} for one in asked if one.namespace == OWN_NAMESPACE]

        assert {dimensions["service"] for dimensions in own} == {dashed(f) for f in by_trigger("queue")}
        assert {dimensions["environment"] for dimensions in own} == {"prod"}

    def test_each_says_what_to_do_and_names_its_runbook_section(self, plan: Plan) -> None:
        for name, alarm in alarms(plan).items():
            told, _, section = alarm.values["alarm_description"].partition(" Runbook: docs/operations.md#")
            assert section in SECTIONS, name
            # What is wrong, and what to do.
            assert len(re.findall(r"[.:](?= |$)", told)) >= 2, name

    def test_each_notifies_the_topic_on_alarm_and_on_ok(self, plan: Plan) -> None:
        topic = plan.one('aws_sns_topic.this["alarms"]').values["name"]

        for alarm in alarms(plan).values():
            for actions in (alarm.values["alarm_actions"], alarm.values["ok_actions"]):
                assert [arn.rpartition(":")[2] for arn in actions] == [topic]
            assert alarm.values["treat_missing_data"] == "notBreaching"


class TestTopics:
    def test_the_alarms_topic_accepts_our_alarms_only(self, aws_plan: Plan) -> None:
        statements = aws_plan.one('aws_sns_topic.this["alarms"]').document("policy")["Statement"]
        (allowed,) = [s for s in statements if s["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]

        assert allowed["Action"] == "sns:Publish"
        assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT_ID}
        assert allowed["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":alarm:task-manager-prod-*")

    def test_alarms_may_use_the_key_of_the_topic(self, aws_plan: Plan) -> None:
        statements = aws_plan.one("aws_kms_key.this").document("policy")["Statement"]
        (allowed,) = [s for s in statements if s["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
        assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(allowed["Action"])

    def test_send_e_mail_where_there_is_an_address(
        self, aws_plan: Plan, flavour: Callable[[str], Plan]
    ) -> None:
        subscriptions = {
            one.address.split('"')[1]: (one.values["protocol"], one.values["endpoint"])
            for one in flavour("options").of_type("aws_sns_topic_subscription")
        }

        assert subscriptions == {
            "alarms": ("email", "on-call@example.com"),
            "notifications": ("email", "team@example.com"),
        }
        assert "aws_sns_topic_subscription" not in {resource.type for resource in aws_plan.resources}


class TestDashboard:
    def test_shows_metrics_that_exist(self, dashboard: dict[str, Any]) -> None:
        asked = list(of_dashboard(dashboard))
        assert len(asked) > len(FUNCTIONS)
        assert [one for one in asked if not exists(one)] == []

    @pytest.mark.parametrize(
        "metric", ["Invocations", "Errors", "Duration", "Throttles", "ConcurrentExecutions"]
    )
    def test_shows_every_function(self, dashboard: dict[str, Any], metric: str) -> None:
        shown = {
            one.dimensions["FunctionName"]
            for one in of_dashboard(dashboard)
            if one.name == metric and one.dimensions
        }
        assert {name.removeprefix("task-manager-prod-") for name in shown} == {dashed(f) for f in FUNCTIONS}

    def test_shows_every_queue_and_table(self, dashboard: dict[str, Any], rest_plan: Plan) -> None:
        shown = {value for one in of_dashboard(dashboard) for value in (one.dimensions or {}).values()}
        for kind in ("aws_sqs_queue", "aws_dynamodb_table"):
            assert {resource.values["name"] for resource in rest_plan.of_type(kind)} <= shown

    def test_shows_every_own_metric(self, dashboard: dict[str, Any]) -> None:
        assert {one.name for one in of_dashboard(dashboard) if one.namespace == OWN_NAMESPACE} == set(METRICS)

    def test_shows_the_workflow_from_start_to_each_end(self, dashboard: dict[str, Any]) -> None:
        shown = {one.name for one in of_dashboard(dashboard) if one.namespace == "AWS/States"}
        assert shown >= {f"Executions{end}" for end in ("Started", "Succeeded", "Failed", "TimedOut")}

    def test_shows_every_alarm(self, dashboard: dict[str, Any], rest_plan: Plan) -> None:
        (widget,) = [widget for widget in dashboard["widgets"] if widget["type"] == "alarm"]
        names = {arn.partition(":alarm:")[2] for arn in widget["properties"]["alarms"]}

        assert names == {
            alarm.values["alarm_name"] for alarm in rest_plan.of_type("aws_cloudwatch_metric_alarm")
        }
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
        assert len(names) <= 100

    def test_searches_every_log_for_errors(self, dashboard: dict[str, Any], rest_plan: Plan) -> None:
        (widget,) = [widget for widget in dashboard["widgets"] if widget["type"] == "log"]
        sources = set(re.findall(r"SOURCE '([^']+)'", widget["properties"]["query"]))
        groups = {group.values.get("name", "") for group in rest_plan.of_type("aws_cloudwatch_log_group")}

        assert sources == {name for name in groups if name.startswith("/aws/lambda/")}

    def test_widgets_do_not_overlap(self, dashboard: dict[str, Any]) -> None:
        taken: set[tuple[int, int]] = set()

        for widget in dashboard["widgets"]:
            columns = range(widget["x"], widget["x"] + widget["width"])
            rows = range(widget["y"], widget["y"] + widget["height"])
            cells = {(column, row) for column in columns for row in rows}

            assert max(columns) < 24
            assert not cells & taken, widget["properties"]
            taken |= cells


def test_the_table_of_metrics_names_its_sources() -> None:
    for namespace, known in AWS_METRICS.items():
        assert known["metrics"], namespace
        assert all(source.startswith("https://docs.aws.amazon.com/") for source in known["sources"])
