"""ARNs of the resources in tests/harness/rights.py, as policies and IAM's simulator name them."""

from typing import Any

from scripts.deployments.target import Target
from tests.harness.rights import Table


def arn_of(stack: Target, name: str, resource: Any, action: str) -> str:
    """The ARN against which IAM checks this action on the resource."""
    _, partition, _, region, account, _ = stack.outputs["kms_key_arn"].split(":", 5)

    def arn(service: str, rest: str) -> str:
        return f"arn:{partition}:{service}:{region}:{account}:{rest}"

    if isinstance(resource, Table):
        return arn(
            "dynamodb", f"table/{resource.name}" + (f"/index/{resource.index}" if resource.index else "")
        )
    if name.endswith("_queue"):
        return arn("sqs", resource.rpartition("/")[2])
    if "_bucket_" in name:
        prefix = {"archive_bucket_tasks": "tasks/", "archive_bucket_parked": "parked/"}.get(name, "")
        bucket = f"arn:{partition}:s3:::{resource}"
        return bucket if action == "s3:ListBucket" else f"{bucket}/{prefix}rights"
    if name.endswith("_bus"):
        return arn("events", f"event-bus/{resource}")
    return {
        "any_waiting_execution": "*",
        "a_function": arn("lambda", f"function:{resource}"),
        "a_log": arn("logs", f"log-group:{resource}:*"),
    }.get(name, resource)
