"""Every policy of an AWS deployment, read from its plan; local clouds enforce few of them.

Exceptions are listed here with their reasons; an exception that is no longer needed fails, too.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Plan, Resource

ACCOUNT_ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"

# The attribute with each resource type's policy, and its kind: who may assume a role (trust), what a role may
# do (identity), who may access a resource (resource).
POLICIES = {
    "aws_iam_role": ("assume_role_policy", "trust"),
    "aws_iam_role_policy": ("policy", "identity"),
    "aws_kms_key": ("policy", "resource"),
    "aws_s3_bucket_policy": ("policy", "resource"),
    "aws_sns_topic": ("policy", "resource"),
    "aws_sqs_queue": ("policy", "resource"),
}

# They name the key's ARN, which no plan knows; tests/integration/test_least_privilege.py reads them.
UNKNOWN_POLICIES = {"key", "source_key"}

LOG_DELIVERY = "log delivery names no resources: docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"
TRACING = "X-Ray's actions apply to no resource"
ON_ANY_RESOURCE = {
    "cloudwatch:DescribeAlarms": "CodeDeploy asks for alarms in one call: allowed for all or refused",
    "logs:CreateLogDelivery": LOG_DELIVERY,
    "logs:DeleteLogDelivery": LOG_DELIVERY,
    "logs:DescribeLogGroups": LOG_DELIVERY,
    "logs:DescribeResourcePolicies": LOG_DELIVERY,
    "logs:GetLogDelivery": LOG_DELIVERY,
    "logs:ListLogDeliveries": LOG_DELIVERY,
    "logs:PutResourcePolicy": LOG_DELIVERY,
    "logs:UpdateLogDelivery": LOG_DELIVERY,
    "states:SendTaskSuccess": "a task token names no resource: only its holder can use it",
    "xray:GetSamplingRules": TRACING,
    "xray:GetSamplingTargets": TRACING,
    "xray:PutTelemetryRecords": TRACING,
    "xray:PutTraceSegments": TRACING,
}

WILD_ACTIONS = {
    "kms:*": "the account administers its key; without this nobody ever could again",
    "kms:GenerateDataKey*": "with or without the plain text, as CloudWatch Logs asks for it",
    "kms:ReEncrypt*": "from and to, as CloudWatch Logs asks for it",
}

WILD_RESOURCES = {
    r":log-group:/aws/lambda/[a-z-]+:\*$": "the streams of one log group, which Lambda names",
    r":function:task-manager-prod-[a-z-]+:\*$": "the aliases and versions of one function",
    r":s3:::task-manager-prod-archive-\d+-use1/[a-z]+/\*$": "the objects of one folder",
    r":table/task-manager-prod-[a-z]+/stream/\*$": "the streams of one table, named by their time",
}

TRUST_WITHOUT_SOURCE = {
    "lambda.amazonaws.com": "Lambda names no source when it takes a role; who may hand one over is a matter "
    "of iam:PassRole, which no role of ours has",
}

MANAGED_POLICIES = {
    f"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor{purpose}": "AWS keeps it in step"
    for purpose in ("Backup", "Restores")
}

WITHOUT_OUR_KEY = {
    ("aws_lambda_event_source_mapping", "kms_key_arn"): "encrypts filter patterns, which hold no data",
}

SOURCE_KEYS = {"aws:SourceArn", "aws:SourceAccount", "kms:EncryptionContext:aws:logs:arn"}


@dataclass(frozen=True)
class Statement:
    """A statement of a policy, with the address of its resource."""

    address: str
    kind: str
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return bool(self.content["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        return _listed(self.content["Action"])

    @property
    def resources(self) -> list[str]:
        return _listed(self.content.get("Resource", []))

    @property
    def principals(self) -> list[tuple[str, str]]:
        """Kind and name of each principal."""
        principal = self.content.get("Principal", {})
        if isinstance(principal, str):
            return [("any", principal)]
        return [(kind, name) for kind, names in principal.items() for name in _listed(names)]

    @property
    def condition_keys(self) -> set[str]:
        return {key for test in self.content.get("Condition", {}).values() for key in test}

    def __str__(self) -> str:
        return f"{self.address}: {json.dumps(self.content)}"


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture(scope="module")
def statements(aws_plan: Plan) -> list[Statement]:
    found = list(_statements(aws_plan.resources))
    assert {statement.kind for statement in found} == {"trust", "identity", "resource"}
    return found


def _statements(resources: Iterable[Resource]) -> Iterator[Statement]:
    for resource in resources:
        attribute, kind = POLICIES.get(resource.type, ("", ""))
        if attribute and resource.values.get(attribute):
            document = resource.document(attribute)
            yield from (Statement(resource.address, kind, content) for content in document["Statement"])


def allowed(statements: list[Statement], *kinds: str) -> list[Statement]:
    found = [statement for statement in statements if statement.allows and statement.kind in kinds]
    assert found
    return found


def test_every_policy_is_known_before_the_apply_except_those_that_name_the_key(aws_plan: Plan) -> None:
    unread = {
        resource.name
        for resource in aws_plan.resources
        if resource.type in POLICIES and resource.unknown.get(POLICIES[resource.type][0])
    }
    assert unread == UNKNOWN_POLICIES


def test_no_action_has_a_wildcard_without_a_reason(statements: list[Statement]) -> None:
    wild = {
        action
        for statement in allowed(statements, "identity", "resource", "trust")
        for action in statement.actions
        if "*" in action or "?" in action
    }
    assert wild == set(WILD_ACTIONS)


def test_only_the_account_itself_may_do_everything_with_the_key(statements: list[Statement]) -> None:
    for statement in allowed(statements, "resource"):
        if "kms:*" in statement.actions:
            assert statement.principals == [("AWS", ACCOUNT_ROOT)]


def test_no_role_may_act_on_any_resource_without_a_reason(statements: list[Statement]) -> None:
    unbounded = {
        action
        for statement in allowed(statements, "identity")
        if "*" in statement.resources
        for action in statement.actions
    }
    assert unbounded == set(ON_ANY_RESOURCE)


def test_no_other_resource_has_a_wildcard_without_a_reason(statements: list[Statement]) -> None:
    needed = set()
    for statement in allowed(statements, "identity"):
        for resource in statement.resources:
            if resource != "*" and "*" in resource:
                fitting = {pattern for pattern in WILD_RESOURCES if re.search(pattern, resource)}
                assert fitting, statement
                needed |= fitting

    assert needed == set(WILD_RESOURCES)


def test_every_role_is_assumed_by_a_service_for_this_account(statements: list[Statement]) -> None:
    for statement in allowed(statements, "trust"):
        ((kind, service),) = statement.principals
        assert kind == "Service", statement
        assert statement.condition_keys & SOURCE_KEYS or service in TRUST_WITHOUT_SOURCE, statement


def test_resources_admit_only_this_account_and_services_acting_for_it(statements: list[Statement]) -> None:
    for statement in allowed(statements, "resource"):
        for kind, name in statement.principals:
            assert (kind, name) == ("AWS", ACCOUNT_ROOT) or kind == "Service", statement
            assert kind == "AWS" or statement.condition_keys & SOURCE_KEYS, statement


def test_no_role_may_change_rights_or_pass_roles(statements: list[Statement]) -> None:
    for statement in allowed(statements, "identity"):
        for action in statement.actions:
            assert not action.startswith(("iam:", "sts:", "organizations:")), statement
            assert not re.match(r"kms:(Put|Schedule|Disable|Create|Cancel)", action), statement


def test_only_the_api_may_call_functions_and_only_from_a_named_source(aws_plan: Plan) -> None:
    for permission in aws_plan.of_type("aws_lambda_permission"):
        assert permission.values["principal"] == "apigateway.amazonaws.com", permission.address
        assert permission.unknown.get("source_arn") or permission.values["source_arn"], permission.address


def test_no_aws_managed_policy_is_attached_without_a_reason(aws_plan: Plan) -> None:
    attached = [r for r in aws_plan.resources if r.type == "aws_iam_role_policy_attachment"]
    assert {resource.values["policy_arn"] for resource in attached} == set(MANAGED_POLICIES)


def test_every_resource_that_can_have_a_key_has_one(aws_plan: Plan) -> None:
    """Includes the resource types that tests/infra/test_data.py does not list."""
    for resource in aws_plan.resources:
        for attribute in resource.values.keys() | resource.unknown.keys():
            if re.fullmatch(r"kms_.*(id|arn|identifier)", attribute):
                has_one = resource.values.get(attribute) or resource.unknown.get(attribute)
                # tests/infra/properties says which queues are under SQS's own key.
                has_one = has_one or resource.values.get("sqs_managed_sse_enabled")
                assert has_one or (resource.type, attribute) in WITHOUT_OUR_KEY, resource.address
