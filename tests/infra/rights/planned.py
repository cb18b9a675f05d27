"""The policies and the resources of an AWS plan, under the names and ARNs that AWS would give them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Plan, Resource

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/11111111-2222-4333-8444-555555555555"

# A plan cannot know the ARN of a key that does not exist yet. Here it is a fixed one, so that the policies
# that name it can be read; tests/infra/test_data.py checks that they name our key.
KNOWN_KEY = "".join(
    f'module "{module}" {{\n  kms_key_arn = "{KEY}"\n}}\n' for module in ("function", "consumer", "stream")
)

TRUST, RESOURCE = "trust of ", "policy of "


class Planned:
    """The roles, policies and resources of an AWS deployment, as IAM sees them."""

    def __init__(self, plan: Plan, region: str = "us-east-1") -> None:
        self.plan = plan
        self.region = region

    def arn(self, service: str, name: str) -> str:
        """The ARN of a resource in this account and region."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT_ID}:{name}"

    @property
    def prefix(self) -> str:
        """The prefix of all names."""
        name: str = self.plan.one("aws_cloudwatch_event_bus.this").values["name"]
        return name.removesuffix("-events")

    def roles(self) -> dict[str, str]:
        """Role → ARN. A function's role has the function's name in the function map."""
        return {
            role_of(role): f"arn:aws:iam::{ACCOUNT_ID}:role/{role.values['name']}"
            for role in self.plan.of_type("aws_iam_role")
        }

    def identity_policies(self) -> dict[str, list[str]]:
        """Role → the names of its policies in `policies()`."""
        found: dict[str, list[str]] = {role: [] for role in self.roles()}
        for policy in self.plan.of_type("aws_iam_role_policy"):
            found[role_of(policy)].append(policy.address)
        return found

    def policies(self) -> dict[str, Mapping[str, Any]]:
        """By address; trusts by `TRUST` and the role, resource policies by `RESOURCE` and the ARN."""
        found: dict[str, Mapping[str, Any]] = {
            policy.address: policy.document("policy") for policy in self.plan.of_type("aws_iam_role_policy")
        }
        for role in self.plan.of_type("aws_iam_role"):
            found[f"{TRUST}{role_of(role)}"] = role.document("assume_role_policy")
        for arn, resource in self.guarded():
            found[f"{RESOURCE}{arn}"] = resource.document("policy")
        return found

    def guarded(self) -> Iterator[tuple[str, Resource]]:
        """Every resource that has a resource policy, with its ARN."""
        yield KEY, self.plan.one("aws_kms_key.this")
        for queue in self.plan.of_type("aws_sqs_queue"):
            yield self.arn("sqs", queue.values["name"]), queue
        for topic in self.plan.of_type("aws_sns_topic"):
            yield self.arn("sns", topic.values["name"]), topic
        for policy in self.plan.of_type("aws_s3_bucket_policy"):
            (statement, *_) = policy.document("policy")["Statement"]
            yield statement["Resource"][0], policy

    def tables(self) -> dict[str, str]:
        """Key in infra/tables.tf → ARN."""
        return {
            table.address.split('"')[1]: self.arn("dynamodb", f"table/{table.values['name']}")
            for table in self.plan.of_type("aws_dynamodb_table")
        }

    def names(self, kind: str) -> list[str]:
        """The names of all resources of a type."""
        attribute = {
            "aws_lambda_function": "function_name",
            "aws_s3_bucket": "bucket",
            "aws_cloudwatch_metric_alarm": "alarm_name",
        }.get(kind, "name")
        return [resource.values[attribute] for resource in self.plan.of_type(kind)]


def role_of(resource: Resource) -> str:
    """The name of a role or of a policy's role: its function's key, its own key, or its name in the root."""
    _, quote, key = (resource.module or resource.address).partition('"')
    return key.partition('"')[0] if quote else resource.name
