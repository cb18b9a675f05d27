"""A destroy leaves nothing of the stack."""

import pytest

from tests.harness.stack import DeployedStack

pytestmark = pytest.mark.takes_stack_apart

# What the stack consists of, as far as it can be listed by itself.
KINDS = {
    *("functions", "event-source mappings", "tables", "APIs", "buckets", "queues", "topics", "buses"),
    *("rules", "archives", "state machines", "roles", "log groups", "alarms", "dashboards", "keys"),
}


def test_destroy_leaves_nothing(stack: DeployedStack) -> None:
    assert stack.application.resources()
    assert left_over(stack).keys() == KINDS

    stack.application.destroy()

    assert stack.application.resources() == []
    assert left_over(stack) == {}


def apis(stack: DeployedStack) -> list[str]:
    if stack.cloud.api_type == "rest":
        return [api["name"] for api in stack.client("apigateway").get_rest_apis()["items"]]
    return [api["Name"] for api in stack.client("apigatewayv2").get_apis()["Items"]]


def left_over(stack: DeployedStack) -> dict[str, list[str]]:
    """The resources that the cloud still has, by kind, without the bucket of the state."""
    kms = stack.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    enabled = [
        key["Description"]
        for key in keys
        # KMS never deletes a key at once. AWS managed keys stay, and have no tags; all of ours have tags.
        if key["KeyState"] != "PendingDeletion" and kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    ]
    functions, events, cloudwatch = (stack.client(name) for name in ("lambda", "events", "cloudwatch"))
    buses = [bus["Name"] for bus in events.list_event_buses()["EventBuses"]]
    rules = [rule for bus in buses for rule in events.list_rules(EventBusName=bus)["Rules"]]
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    machines = stack.client("stepfunctions").list_state_machines()["stateMachines"]
    groups = stack.client("logs").describe_log_groups()["logGroups"]
    buckets = [bucket["Name"] for bucket in stack.client("s3").list_buckets()["Buckets"]]
    kinds = {
        "functions": [function["FunctionName"] for function in functions.list_functions()["Functions"]],
        "event-source mappings": [mapping["EventSourceArn"] for mapping in mappings],
        "tables": stack.client("dynamodb").list_tables()["TableNames"],
        "APIs": apis(stack),
        "buckets": [name for name in buckets if not name.endswith("-terraform-state")],
        "queues": stack.client("sqs").list_queues().get("QueueUrls", []),
        "topics": [topic["TopicArn"] for topic in stack.client("sns").list_topics()["Topics"]],
        "buses": [name for name in buses if name != "default"],
        "rules": [rule["Name"] for rule in rules],
        "archives": [archive["ArchiveName"] for archive in events.list_archives()["Archives"]],
        "state machines": [machine["name"] for machine in machines],
        "roles": [role["RoleName"] for role in stack.client("iam").list_roles()["Roles"]],
        "log groups": [group["logGroupName"] for group in groups],
        "alarms": [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]],
        "dashboards": [board["DashboardName"] for board in cloudwatch.list_dashboards()["DashboardEntries"]],
        "keys": enabled,
    }
    return {kind: names for kind, names in kinds.items() if names}
