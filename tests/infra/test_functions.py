"""Functions, roles and routes are those of services/functions.json, and no others."""

from typing import Any

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import FUNCTIONS, by_trigger, with_head
from tests.harness.plan import Plan, Resource

LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]
# These actions apply to no resource: X-Ray's, and those on task tokens, which only their holder can name.
TRACES = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
WITHOUT_RESOURCE = (TRACES, ["states:SendTaskSuccess"])

# Of every function, of those of the API, and of those that verify certificates.
COMMON_VARIABLES = {
    "ENVIRONMENT", "API_TYPE", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL",
    "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_TRACE_DISABLED",
    "PYDANTIC_DISABLE_PLUGINS", "AUTH_MODE", "AWS_CA_BUNDLE",
}  # fmt: skip


def aws_name(function: str, environment: str) -> str:
    return f"task-manager-{environment}-{function.replace('_', '-')}"


def in_function(plan: Plan, function: str, kind: str, name: str | None = None) -> Resource:
    module = f'function["{function}"]'
    (found,) = [r for r in plan.of_type(kind) if r.module == module and name in (None, r.name)]
    return found


def statements(plan: Plan, function: str) -> list[dict[str, Any]]:
    found = in_function(plan, function, "aws_iam_role_policy", "rights").document("policy")["Statement"]
    assert {statement["Effect"] for statement in found} == {"Allow"}
    return list(found)


def test_there_is_one_function_for_each_in_the_map(plan: Plan) -> None:
    modules = {f'function["{name}"]' for name in FUNCTIONS}
    assert {function.module for function in plan.of_type("aws_lambda_function")} == modules


@pytest.mark.parametrize("function", FUNCTIONS)
class TestFunction:
    def test_has_the_settings_of_the_map(self, plan: Plan, function: str) -> None:
        values = in_function(plan, function, "aws_lambda_function").values
        variables = values["environment"][0]["variables"]

        assert values["handler"] == FUNCTIONS[function]["handler"]
        assert set(variables) - COMMON_VARIABLES == set(FUNCTIONS[function]["environment"])
        assert all(variables.values())
        assert values["publish"]
        assert (values["runtime"], values["architectures"]) == ("python3.13", ["arm64"])

    def test_logs_to_a_group_of_its_own_as_json(self, plan: Plan, function: str) -> None:
        group = in_function(plan, function, "aws_cloudwatch_log_group").values
        settings = in_function(plan, function, "aws_lambda_function").values["logging_config"][0]

        assert settings["log_group"] == group["name"]
        assert settings["log_format"] == "JSON"
        assert group["retention_in_days"] > 0

    def test_has_a_role_that_only_lambda_may_assume(self, plan: Plan, function: str) -> None:
        role = in_function(plan, function, "aws_iam_role")
        (trust,) = role.document("assume_role_policy")["Statement"]
        lambda_function = in_function(plan, function, "aws_lambda_function")

        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert plan.sources(role, "managed_policy_arns") == set()
        assert plan.sources(lambda_function, "role") == {"aws_iam_role.this"}

    def test_may_do_what_the_map_says_and_write_its_logs(self, aws_plan: Plan, function: str) -> None:
        expected = [right["actions"] for right in FUNCTIONS[function]["rights"]]
        found = [statement["Action"] for statement in statements(aws_plan, function)]
        assert found == [LOGS, *expected, TRACES]

    def test_may_act_only_on_named_resources_of_this_deployment(self, aws_plan: Plan, function: str) -> None:
        folders = [f"archive-{ACCOUNT_ID}-use1/{folder}/*" for folder in ("tasks", "parked")]
        parts = (f"log-group:/aws/lambda/{aws_name(function, 'prod')}:*", *folders)

        for statement in statements(aws_plan, function):
            assert not any("*" in action for action in statement["Action"])
            if statement["Action"] in WITHOUT_RESOURCE:
                assert statement["Resource"] == ["*"]
                continue
            for resource in statement["Resource"]:
                assert f":{ACCOUNT_ID}:" in resource or resource.startswith("arn:aws:s3:::")
                assert "task-manager-prod" in resource
                assert "*" not in resource or resource.endswith(parts)

    def test_may_use_our_key_and_no_other(self, aws_plan: Plan, function: str) -> None:
        """tests/infra/rights/test_key.py evaluates for what."""
        policy = in_function(aws_plan, function, "aws_iam_role_policy", "key")
        assert "aws_kms_key.this" in aws_plan.sources(policy, "policy")

    def test_is_traced_only_where_tracing_is_enabled(self, plan_for: Any, function: str) -> None:
        for environment, mode in (("local", "PassThrough"), ("prod", "Active")):
            plan = plan_for(environment)
            traced = in_function(plan, function, "aws_lambda_function").values["tracing_config"]

            assert traced == [{"mode": mode}]
            assert any(s["Action"] == TRACES for s in statements(plan, function)) == (mode == "Active")


def test_routes_are_those_of_the_map(plan: Plan) -> None:
    routes = {route.values["route_key"] for route in plan.of_type("aws_apigatewayv2_route")}
    declared = [r for f in by_trigger("http").values() for r in with_head(f["trigger"]["routes"])]

    assert routes == {*declared, "$default"}
    assert len(declared) == len(set(declared))


def test_the_api_may_call_its_functions_and_only_by_alias(plan: Plan) -> None:
    called = set(by_trigger("http"))
    permissions = [r for r in plan.of_type("aws_lambda_permission") if r.module.startswith("http_api")]

    assert len(permissions) == len(called)
    for permission in permissions:
        assert permission.values["qualifier"] == "live"
        assert plan.sources(permission, "source_arn") == {"aws_apigatewayv2_api.this"}


def test_the_api_is_throttled_and_logged_on_aws(aws_plan: Plan) -> None:
    (stage,) = aws_plan.of_type("aws_apigatewayv2_stage")
    assert stage.values["default_route_settings"][0]["throttling_rate_limit"] > 0
    assert "requestId" in stage.values["access_log_settings"][0]["format"]
