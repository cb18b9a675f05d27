"""Translates planned resources to CloudFormation's form, for the schemas that AWS publishes of its types.

Values that a plan does not know are left out, or are placeholders where CloudFormation requires them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Resource

Values = Mapping[str, Any]
HERE = f"us-east-1:{ACCOUNT_ID}"
KEY = f"arn:aws:kms:{HERE}:key/11111111-2222-4333-8444-555555555555"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/unknown"
FUNCTION = f"arn:aws:lambda:{HERE}:function:unknown"
QUEUE = f"arn:aws:sqs:{HERE}:unknown"


def _set(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Drop properties that are not set, which Terraform writes as null, an empty string or an empty list."""
    return {name: value for name, value in properties.items() if value not in (None, "", [], {})}


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None


def _first(values: Values, block: str) -> dict[str, Any]:
    """The one block of this name; empty if there is none."""
    found = values.get(block) or [{}]
    return dict(found[0])


def _queue(v: Values) -> Values:
    # DelaySeconds and the like are left out: a plan holds their defaults.
    return {
        "QueueName": v["name"],
        "KmsMasterKeyId": v["kms_master_key_id"],
        "SqsManagedSseEnabled": v.get("sqs_managed_sse_enabled"),
        "MessageRetentionPeriod": v["message_retention_seconds"],
        "VisibilityTimeout": v["visibility_timeout_seconds"],
        "MaximumMessageSize": v["max_message_size"],
        "RedrivePolicy": _json(v.get("redrive_policy")),
        "RedriveAllowPolicy": _json(v.get("redrive_allow_policy")),
    }


def _topic(v: Values) -> Values:
    return {"TopicName": v["name"], "KmsMasterKeyId": v["kms_master_key_id"]}


def _function(v: Values) -> Values:
    logging = _first(v, "logging_config")
    return {
        "FunctionName": v["function_name"],
        "Description": v["description"],
        "Handler": v["handler"],
        "Runtime": v["runtime"],
        "Architectures": v["architectures"],
        "MemorySize": v["memory_size"],
        "Timeout": v["timeout"],
        "Role": ROLE,
        "Code": {"S3Bucket": "unknown", "S3Key": "unknown"},
        "Environment": {"Variables": _set(_first(v, "environment").get("variables") or {})},
        "TracingConfig": {"Mode": _first(v, "tracing_config")["mode"]},
        "SnapStart": _set({"ApplyOn": _first(v, "snap_start").get("apply_on")}),
        "ReservedConcurrentExecutions": v["reserved_concurrent_executions"]
        if v["reserved_concurrent_executions"] >= 0
        else None,
        "LoggingConfig": _set(
            {
                "LogFormat": logging["log_format"],
                "ApplicationLogLevel": logging["application_log_level"],
                "SystemLogLevel": logging["system_log_level"],
            }
        ),
    }


def _alias(v: Values) -> Values:
    return {
        "Name": v["name"],
        "Description": v["description"],
        "FunctionName": v["function_name"],
        "FunctionVersion": v.get("function_version") or "1",
    }


def _mapping(v: Values) -> Values:
    stream = bool(v.get("starting_position"))
    source = f"arn:aws:dynamodb:{HERE}:table/unknown/stream/2026-01-01T00:00:00.000" if stream else QUEUE
    return {
        "EventSourceArn": source,
        "FunctionName": FUNCTION,
        "BatchSize": v["batch_size"],
        "Enabled": v["enabled"],
        "FunctionResponseTypes": v["function_response_types"],
        "StartingPosition": v["starting_position"],
        "BisectBatchOnFunctionError": v["bisect_batch_on_function_error"],
        "MaximumRecordAgeInSeconds": v["maximum_record_age_in_seconds"],
        "ParallelizationFactor": v["parallelization_factor"],
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}} if stream else None,
        "ScalingConfig": _set({"MaximumConcurrency": _first(v, "scaling_config").get("maximum_concurrency")}),
        "FilterCriteria": _set(
            {
                "Filters": [
                    {"Pattern": one["pattern"]} for one in _first(v, "filter_criteria").get("filter") or []
                ]
            }
        ),
    }


def _schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [(hash_key, "HASH"), *([(range_key, "RANGE")] if range_key else [])]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


def _table(v: Values) -> Values:
    return {
        "TableName": v["name"],
        "BillingMode": v["billing_mode"],
        "KeySchema": _schema(v["hash_key"], v.get("range_key")),
        "AttributeDefinitions": [
            {"AttributeName": one["name"], "AttributeType": one["type"]} for one in v["attribute"]
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index["name"],
                "KeySchema": _schema(index["hash_key"], index["range_key"]),
                "Projection": {"ProjectionType": index["projection_type"]},
            }
            for index in v["global_secondary_index"]
        ],
        "StreamSpecification": _set({"StreamViewType": v.get("stream_view_type")}),
        "TimeToLiveSpecification": {"AttributeName": v["ttl"][0]["attribute_name"], "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
        "DeletionProtectionEnabled": v["deletion_protection_enabled"],
    }


def _rule(v: Values) -> Values:
    return {
        "Name": v["name"],
        "Description": v["description"],
        "EventBusName": v["event_bus_name"],
        "EventPattern": _json(v["event_pattern"]),
        "Targets": [{"Id": "queue", "Arn": QUEUE, "DeadLetterConfig": {"Arn": QUEUE}}],
    }


def _dimensions(given: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value or "unknown"} for name, value in (given or {}).items()]


def _query(query: Values) -> dict[str, Any]:
    metric = _first(query, "metric")
    return _set(
        {
            "Id": query["id"],
            "Expression": query["expression"],
            "Label": query["label"],
            "ReturnData": bool(query["return_data"]),
            "MetricStat": metric
            and {
                "Metric": _set(
                    {
                        "Namespace": metric["namespace"],
                        "MetricName": metric["metric_name"],
                        "Dimensions": _dimensions(metric.get("dimensions")),
                    }
                ),
                "Period": metric["period"],
                "Stat": metric["stat"],
            },
        }
    )


def _alarm(v: Values) -> Values:
    return {
        "AlarmName": v["alarm_name"],
        "AlarmDescription": v["alarm_description"],
        "AlarmActions": v["alarm_actions"],
        "OKActions": v["ok_actions"],
        "ComparisonOperator": v["comparison_operator"],
        "Threshold": v["threshold"],
        "EvaluationPeriods": v["evaluation_periods"],
        "TreatMissingData": v["treat_missing_data"],
        "Namespace": v["namespace"],
        "MetricName": v["metric_name"],
        "Dimensions": _dimensions(v.get("dimensions")) if v["metric_name"] else None,
        "Period": v.get("period"),
        "Statistic": v["statistic"],
        "ExtendedStatistic": v["extended_statistic"],
        "Metrics": [_query(query) for query in v["metric_query"]],
    }


def _machine(v: Values) -> Values:
    logging = _first(v, "logging_configuration")
    tracing = v.get("tracing_configuration") or []
    return {
        "StateMachineName": v["name"],
        "RoleArn": ROLE,
        "DefinitionString": "{}",
        "LoggingConfiguration": {
            "Level": logging["level"],
            "IncludeExecutionData": logging["include_execution_data"],
        },
        "TracingConfiguration": {"Enabled": tracing[0]["enabled"]} if tracing else None,
    }


def _log_group(v: Values) -> Values:
    return {"LogGroupName": v.get("name"), "RetentionInDays": v["retention_in_days"], "KmsKeyId": KEY}


def _key(v: Values) -> Values:
    return {
        "Description": v["description"],
        "EnableKeyRotation": v["enable_key_rotation"],
        "PendingWindowInDays": v["deletion_window_in_days"],
        "KeyPolicy": _json(v["policy"]),
    }


def _role(v: Values) -> Values:
    return {
        "RoleName": v["name"],
        "Description": v["description"],
        "AssumeRolePolicyDocument": _json(v["assume_role_policy"]),
    }


def _policy(v: Values) -> Values:
    document = _json(v.get("policy")) or {"Version": "2012-10-17", "Statement": []}
    return {"PolicyName": v["name"], "PolicyDocument": document, "RoleName": "unknown"}


def _bucket(v: Values) -> Values:
    return {"BucketName": v["bucket"]}


def _vault(v: Values) -> Values:
    return {"BackupVaultName": v["name"], "EncryptionKeyArn": KEY}


def _archive(v: Values) -> Values:
    return {
        "ArchiveName": v["name"],
        "Description": v["description"],
        "RetentionDays": v["retention_days"],
        "EventPattern": _json(v["event_pattern"]),
        "SourceArn": f"arn:aws:events:{HERE}:event-bus/unknown",
    }


TYPES: dict[str, tuple[str, Callable[[Values], Values]]] = {
    "aws_backup_vault": ("AWS::Backup::BackupVault", _vault),
    "aws_cloudwatch_event_archive": ("AWS::Events::Archive", _archive),
    "aws_cloudwatch_event_rule": ("AWS::Events::Rule", _rule),
    "aws_cloudwatch_log_group": ("AWS::Logs::LogGroup", _log_group),
    "aws_cloudwatch_metric_alarm": ("AWS::CloudWatch::Alarm", _alarm),
    "aws_dynamodb_table": ("AWS::DynamoDB::Table", _table),
    "aws_iam_role": ("AWS::IAM::Role", _role),
    "aws_iam_role_policy": ("AWS::IAM::RolePolicy", _policy),
    "aws_kms_key": ("AWS::KMS::Key", _key),
    "aws_lambda_alias": ("AWS::Lambda::Alias", _alias),
    "aws_lambda_event_source_mapping": ("AWS::Lambda::EventSourceMapping", _mapping),
    "aws_lambda_function": ("AWS::Lambda::Function", _function),
    "aws_s3_bucket": ("AWS::S3::Bucket", _bucket),
    "aws_sfn_state_machine": ("AWS::StepFunctions::StateMachine", _machine),
    "aws_sns_topic": ("AWS::SNS::Topic", _topic),
    "aws_sqs_queue": ("AWS::SQS::Queue", _queue),
}


def translated(resources: list[Resource]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address → the resource as a template has it, for the types that have a translation here."""
    for resource in resources:
        if resource.type in TYPES:
            kind, properties = TYPES[resource.type]
            # A value that is known only after the apply is missing from the plan.
            known = defaultdict(lambda: None, resource.values)
            yield resource.address, {"Type": kind, "Properties": _set(properties(known))}
