"""The stack as a whole: Terraform sees no drift, new code needs none, and a destroy leaves nothing."""

import hashlib
import json
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx
import pytest

from scripts.build.package import OUT, Manifest
from scripts.deployments.aws.versions import live_versions
from scripts.deployments.code import put_code, runs_code
from scripts.deployments.rollback import rollback
from scripts.deployments.target import Target
from tests.harness.stack import DeployedStack

pytestmark = pytest.mark.takes_stack_apart

# What the stack consists of, as far as it can be listed by itself.
KINDS = {
    *("functions", "event-source mappings", "tables", "APIs", "buckets", "queues", "topics", "buses"),
    *("rules", "archives", "state machines", "roles", "log groups", "alarms", "dashboards", "keys"),
}


def test_a_second_plan_is_empty(stack: DeployedStack) -> None:
    assert stack.application.plan() == []


def test_new_code_is_called_without_an_apply_and_the_next_apply_agrees(
    stack: DeployedStack, api: httpx.Client, tmp_path: Path
) -> None:
    client = cache(stack.client)
    names, bucket = stack.outputs["function_names"], stack.outputs["code_bucket"]
    deployed = Manifest(**json.loads((OUT / "manifest.json").read_text()))
    changed = with_change(deployed, tmp_path / "changed.zip", "describe_api", "no-cache", "no-store")
    assert api.get("/openapi.json").headers["cache-control"] == "no-cache"
    before = live_versions(client, stack.outputs)

    versions = put_code(client, names, bucket, changed, tmp_path / "changed.zip")

    assert api.get("/openapi.json").headers["cache-control"] == "no-store"
    assert runs_code(client, names, changed)
    assert not runs_code(client, names, deployed)
    assert live_versions(client, stack.outputs) == versions
    assert rollback(Target(stack.outputs, client)) == before
    assert api.get("/openapi.json").headers["cache-control"] == "no-cache"
    put_code(client, names, bucket, deployed, OUT / deployed.file)
    stack.application.mend()
    assert runs_code(client, names, deployed)
    assert stack.application.plan() == []


def with_change(manifest: Manifest, package: Path, module: str, old: str, new: str) -> Manifest:
    """Write a package in which a module of the API has a text replaced."""
    source, compiled = f"services/api/{module}.py", f"services/api/__pycache__/{module}."
    with zipfile.ZipFile(OUT / manifest.file) as whole, zipfile.ZipFile(package, "w") as output:
        for entry in whole.infolist():
            content = whole.read(entry)
            if entry.filename == source:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            if not entry.filename.startswith(compiled):
                output.writestr(entry, content)
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    return replace(manifest, sha256=sha256, key=f"lambda/{sha256}.zip")


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
