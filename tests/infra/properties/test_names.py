"""Checks planned values against AWS's constraints, as botocore's service models state them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.model import Shape
from botocore.session import Session, get_session
from botocore.utils import check_dns_name

from tests.harness.plan import Plan, Resource

# Resource type and path to an attribute → service and shape.
SHAPES: dict[tuple[str, ...], tuple[str, str]] = {
    ("aws_backup_vault", "name"): ("backup", "BackupVaultName"),
    ("aws_cloudwatch_event_archive", "name"): ("events", "ArchiveName"),
    ("aws_cloudwatch_event_archive", "description"): ("events", "ArchiveDescription"),
    ("aws_cloudwatch_event_bus", "name"): ("events", "EventBusName"),
    ("aws_cloudwatch_event_bus", "description"): ("events", "EventBusDescription"),
    ("aws_cloudwatch_event_rule", "name"): ("events", "RuleName"),
    ("aws_cloudwatch_event_rule", "description"): ("events", "RuleDescription"),
    ("aws_cloudwatch_event_target", "target_id"): ("events", "TargetId"),
    ("aws_cloudwatch_log_group", "name"): ("logs", "LogGroupName"),
    ("aws_cloudwatch_metric_alarm", "alarm_description"): ("cloudwatch", "AlarmDescription"),
    ("aws_cloudwatch_metric_alarm", "alarm_name"): ("cloudwatch", "AlarmName"),
    ("aws_cloudwatch_metric_alarm", "comparison_operator"): ("cloudwatch", "ComparisonOperator"),
    ("aws_cloudwatch_metric_alarm", "metric_query", "id"): ("cloudwatch", "MetricId"),
    ("aws_cloudwatch_metric_alarm", "metric_query", "expression"): ("cloudwatch", "MetricExpression"),
    ("aws_cloudwatch_metric_alarm", "metric_name"): ("cloudwatch", "MetricName"),
    ("aws_cloudwatch_metric_alarm", "namespace"): ("cloudwatch", "Namespace"),
    ("aws_cloudwatch_metric_alarm", "statistic"): ("cloudwatch", "Statistic"),
    ("aws_cloudwatch_metric_alarm", "treat_missing_data"): ("cloudwatch", "TreatMissingData"),
    ("aws_codedeploy_app", "compute_platform"): ("codedeploy", "ComputePlatform"),
    ("aws_codedeploy_app", "name"): ("codedeploy", "ApplicationName"),
    ("aws_codedeploy_deployment_group", "deployment_config_name"): ("codedeploy", "DeploymentConfigName"),
    ("aws_codedeploy_deployment_group", "deployment_group_name"): ("codedeploy", "DeploymentGroupName"),
    ("aws_cognito_resource_server", "identifier"): ("cognito-idp", "ResourceServerIdentifierType"),
    ("aws_cognito_resource_server", "scope", "scope_name"): ("cognito-idp", "ResourceServerScopeNameType"),
    ("aws_cognito_user_pool", "mfa_configuration"): ("cognito-idp", "UserPoolMfaType"),
    ("aws_cognito_user_pool", "name"): ("cognito-idp", "UserPoolNameType"),
    ("aws_cognito_user_pool_client", "name"): ("cognito-idp", "ClientNameType"),
    ("aws_cognito_user_pool_domain", "domain"): ("cognito-idp", "DomainType"),
    ("aws_dynamodb_table", "billing_mode"): ("dynamodb", "BillingMode"),
    ("aws_dynamodb_table", "global_secondary_index", "name"): ("dynamodb", "IndexName"),
    ("aws_dynamodb_table", "global_secondary_index", "projection_type"): ("dynamodb", "ProjectionType"),
    ("aws_dynamodb_table", "name"): ("dynamodb", "TableName"),
    ("aws_dynamodb_table", "stream_view_type"): ("dynamodb", "StreamViewType"),
    ("aws_iam_role", "description"): ("iam", "roleDescriptionType"),
    ("aws_iam_role", "name"): ("iam", "roleNameType"),
    ("aws_iam_role_policy", "name"): ("iam", "policyNameType"),
    ("aws_kms_alias", "name"): ("kms", "AliasNameType"),
    ("aws_kms_key", "description"): ("kms", "DescriptionType"),
    ("aws_kms_key", "deletion_window_in_days"): ("kms", "PendingWindowInDaysType"),
    ("aws_lambda_alias", "name"): ("lambda", "Alias"),
    ("aws_lambda_event_source_mapping", "batch_size"): ("lambda", "BatchSize"),
    ("aws_lambda_event_source_mapping", "maximum_record_age_in_seconds"): (
        "lambda",
        "MaximumRecordAgeInSeconds",
    ),
    ("aws_lambda_event_source_mapping", "parallelization_factor"): ("lambda", "ParallelizationFactor"),
    ("aws_lambda_event_source_mapping", "scaling_config", "maximum_concurrency"): (
        "lambda",
        "MaximumConcurrency",
    ),
    ("aws_lambda_event_source_mapping", "starting_position"): ("lambda", "EventSourcePosition"),
    ("aws_lambda_function", "architectures"): ("lambda", "Architecture"),
    ("aws_lambda_function", "description"): ("lambda", "Description"),
    ("aws_lambda_function", "function_name"): ("lambda", "FunctionName"),
    ("aws_lambda_function", "handler"): ("lambda", "Handler"),
    ("aws_lambda_function", "logging_config", "application_log_level"): ("lambda", "ApplicationLogLevel"),
    ("aws_lambda_function", "logging_config", "log_format"): ("lambda", "LogFormat"),
    ("aws_lambda_function", "logging_config", "system_log_level"): ("lambda", "SystemLogLevel"),
    ("aws_lambda_function", "memory_size"): ("lambda", "MemorySize"),
    ("aws_lambda_function", "runtime"): ("lambda", "Runtime"),
    ("aws_lambda_function", "timeout"): ("lambda", "Timeout"),
    ("aws_lambda_function", "tracing_config", "mode"): ("lambda", "TracingMode"),
    ("aws_lambda_permission", "action"): ("lambda", "Action"),
    ("aws_lambda_permission", "statement_id"): ("lambda", "StatementId"),
    ("aws_sfn_state_machine", "logging_configuration", "level"): ("stepfunctions", "LogLevel"),
    ("aws_sfn_state_machine", "name"): ("stepfunctions", "Name"),
    ("aws_wafv2_web_acl", "name"): ("wafv2", "EntityName"),
    ("aws_wafv2_web_acl", "rule", "name"): ("wafv2", "EntityName"),
    ("aws_wafv2_web_acl", "rule", "visibility_config", "metric_name"): ("wafv2", "MetricName"),
    ("aws_wafv2_web_acl", "scope"): ("wafv2", "Scope"),
}
# Limits that only the documentation states:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (the model also allows ARNs)
DOCUMENTED = {
    ("aws_lambda_function", "function_name"): 64,
    ("aws_sns_topic", "name"): 256,
    ("aws_sqs_queue", "name"): 80,
}


@cache
def session() -> Session:
    """One for all shapes: it keeps the services' models, which take long to read."""
    return get_session()


@cache
def shape(service: str, name: str) -> Shape:
    found = session().get_service_model(service).shape_for(name)
    limits = {"min", "max", "pattern"} & set(found.metadata)
    assert limits or getattr(found, "enum", None), f"{service} says nothing about {name}"
    return found


def faults(value: Any, expected: Shape) -> Iterator[str]:
    """The constraints that a value violates."""
    size = len(value) if isinstance(value, str) else value
    limits = expected.metadata
    if size < limits.get("min", size) or size > limits.get("max", size):
        yield f"{value!r} is not from {limits.get('min')} to {limits.get('max')}"
    if "pattern" in limits and not re.fullmatch(_in_python(limits["pattern"]), value):
        yield f"{value!r} does not match {limits['pattern']}"
    if (known := getattr(expected, "enum", None)) and value not in known:
        yield f"{value!r} is none of {known}"


def _in_python(pattern: str) -> str:
    """A pattern with the named character classes that Python lacks, narrowed to word characters."""
    return re.sub(r"\\p\{\w+\}", r"\\w", pattern)


def values(node: Any, way: tuple[str, ...]) -> Iterator[Any]:
    """All values at a path through blocks and lists; none if the attribute is not set."""
    if isinstance(node, list):
        for one in node:
            yield from values(one, way)
    elif not way:
        if node is not None and node != "":
            yield node
    elif isinstance(node, dict):
        yield from values(node.get(way[0]), way[1:])


def broken(resources: list[Resource]) -> tuple[list[str], int]:
    """The violated constraints, and how many values were checked."""
    found, checked = [], 0
    for resource in resources:
        for (kind, *way), (service, name) in SHAPES.items():
            if resource.type == kind:
                for value in values(resource.values, tuple(way)):
                    checked += 1
                    found += [
                        f"{resource.address}.{'.'.join(way)}: {f}"
                        for f in faults(value, shape(service, name))
                    ]
    return found, checked


def test_the_longest_names_are_within_aws_limits(longest_plan: Plan) -> None:
    found, checked = broken(longest_plan.resources)

    assert found == []
    assert checked > 500
    for (kind, attribute), most in DOCUMENTED.items():
        assert max(len(resource.values[attribute]) for resource in longest_plan.of_type(kind)) <= most
    assert all(check_dns_name(bucket.values["bucket"]) for bucket in longest_plan.of_type("aws_s3_bucket"))


def test_planned_values_are_valid_for_aws(flavour_plan: Plan) -> None:
    found, checked = broken(flavour_plan.resources)
    assert found == []
    assert checked > 500


def test_every_shape_is_used_by_some_flavour(flavour_plans: dict[str, Plan]) -> None:
    met = {
        path
        for plan in flavour_plans.values()
        for resource in plan.resources
        for path in SHAPES
        if path[0] == resource.type and any(values(resource.values, path[1:]))
    }
    assert set(SHAPES) - met == set()


@pytest.mark.parametrize(
    ("value", "service", "name"),
    [
        ("a" * 65, "iam", "roleNameType"),
        ("a b", "events", "RuleName"),
        ("python2.7x", "lambda", "Runtime"),
        (0, "lambda", "Timeout"),
    ],
)
def test_an_invalid_value_is_reported(value: Any, service: str, name: str) -> None:
    assert list(faults(value, shape(service, name)))
