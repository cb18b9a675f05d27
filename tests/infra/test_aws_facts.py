"""What AWS requires, no emulator checks and no other test covers; the sources are in tests/aws/facts/."""

import json
import re

import pytest

from scripts.base.paths import ROOT
from tests.harness.plan import Plan

# Set by Lambda itself, which refuses a function that sets one of these.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip


def test_functions_set_no_variable_that_lambda_reserves(aws_plan: Plan) -> None:
    for function in aws_plan.of_type("aws_lambda_function"):
        assert not RESERVED & set(function.values["environment"][0]["variables"]), function.address


def test_every_function_publishes_versions_for_its_alias(aws_plan: Plan) -> None:
    functions = aws_plan.of_type("aws_lambda_function")
    assert all(function.values["publish"] for function in functions)
    assert len(aws_plan.of_type("aws_lambda_alias")) == len(functions)


def test_stream_readers_start_at_the_beginning_of_the_stream(aws_plan: Plan) -> None:
    mappings = aws_plan.of_type("aws_lambda_event_source_mapping")
    starts = [one.values["starting_position"] for one in mappings if one.values["starting_position"]]

    assert starts
    assert set(starts) == {"TRIM_HORIZON"}


def test_step_functions_logs_to_the_streams_of_a_group_and_api_gateway_to_the_group() -> None:
    workflow = (ROOT / "infra/approval.tf").read_text(encoding="utf-8")

    assert re.search(r'log_destination\s+= "\$\{aws_cloudwatch_log_group\.\w+\.arn\}:\*"', workflow)
    for api in ("http_api", "rest_api"):
        stage = (ROOT / f"infra/modules/{api}/main.tf").read_text(encoding="utf-8")
        assert re.search(r"destination_arn\s+= access_log_settings\.value\.arn\n", stage)


def test_vended_logs_go_to_groups_whose_names_need_no_resource_policy(
    aws_plan: Plan,
) -> None:
    names = {group.values["name"] for group in aws_plan.of_type("aws_cloudwatch_log_group")}
    assert all(name.startswith(("/aws/lambda/", "/aws/vendedlogs/")) for name in names)


def test_functions_receive_requests_in_payload_format_2(aws_plan: Plan) -> None:
    for integration in aws_plan.of_type("aws_apigatewayv2_integration"):
        assert integration.values["payload_format_version"] == "2.0"


def test_an_alarm_looks_at_ten_metrics_at_most(aws_plan: Plan) -> None:
    for alarm in aws_plan.of_type("aws_cloudwatch_metric_alarm"):
        metrics = [query for query in alarm.values["metric_query"] if query["metric"]]
        assert len(metrics) <= 10, alarm.address


def test_a_deployment_group_has_ten_alarms_at_most(aws_plan: Plan) -> None:
    for group in aws_plan.of_type("aws_codedeploy_deployment_group"):
        (configured,) = group.values["alarm_configuration"]
        assert 0 < len(configured["alarms"]) <= 10, group.address


def test_a_widget_searches_fifty_log_groups_at_most(aws_plan: Plan) -> None:
    text = (ROOT / "infra/dashboard.tf").read_text(encoding="utf-8")
    assert "SOURCE" in text
    assert len(aws_plan.of_type("aws_cloudwatch_log_group")) <= 50


def test_the_archive_is_destroyed_before_its_bus(aws_plan: Plan) -> None:
    archive = aws_plan.one("aws_cloudwatch_event_archive.this")
    assert aws_plan.sources(archive, "event_source_arn") == {"aws_cloudwatch_event_bus.this"}


def test_the_workflow_may_take_every_action_that_its_log_needs(aws_plan: Plan) -> None:
    document = aws_plan.one("aws_iam_role_policy.approval").document("policy")
    given = {action for statement in document["Statement"] for action in statement["Action"]}
    wanted = {
        "CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies",
        "GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery",
    }  # fmt: skip

    assert {f"logs:{action}" for action in wanted} <= given


@pytest.mark.parametrize("kind", ["aws_sqs_queue", "aws_sns_topic"])
def test_queues_and_topics_name_their_key_by_its_alias(aws_plan: Plan, kind: str) -> None:
    alias = aws_plan.one("aws_kms_alias.this").values["name"]
    keys = {one.values["kms_master_key_id"] for one in aws_plan.of_type(kind)}
    assert keys - {None} == {alias}


def test_only_the_source_of_a_dead_letter_queue_may_use_it(aws_plan: Plan) -> None:
    allowed = [
        json.loads(queue.values["redrive_allow_policy"])
        for queue in aws_plan.of_type("aws_sqs_queue")
        if queue.values.get("redrive_allow_policy")
    ]
    assert allowed
    assert all(one["redrivePermission"] == "byQueue" and len(one["sourceQueueArns"]) == 1 for one in allowed)
