"""The stack as a whole: Terraform sees no drift, and a destroy leaves nothing."""

import pytest

from tests.harness.stack import DeployedStack

pytestmark = pytest.mark.takes_stack_apart


def test_a_second_plan_is_empty(stack: DeployedStack) -> None:
    assert stack.application.plan() == []


def test_destroy_leaves_nothing(stack: DeployedStack) -> None:
    assert stack.application.resources()
    assert left_over(stack).keys() >= {"functions", "tables", "APIs", "buckets", "queues", "roles", "keys"}

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
    buckets = [bucket["Name"] for bucket in stack.client("s3").list_buckets()["Buckets"]]
    functions = stack.client("lambda").list_functions()["Functions"]
    kinds = {
        "functions": [function["FunctionName"] for function in functions],
        "tables": stack.client("dynamodb").list_tables()["TableNames"],
        "APIs": apis(stack),
        "buckets": [name for name in buckets if not name.endswith("-terraform-state")],
        "queues": stack.client("sqs").list_queues().get("QueueUrls", []),
        "roles": [role["RoleName"] for role in stack.client("iam").list_roles()["Roles"]],
        "log groups": [
            group["logGroupName"] for group in stack.client("logs").describe_log_groups()["logGroups"]
        ],
        "keys": enabled,
    }
    return {kind: names for kind, names in kinds.items() if names}
