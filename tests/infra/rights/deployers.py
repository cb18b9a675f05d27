"""The calls of a deployment on the resources of a plan, as IAM sees them when a role of CI makes them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.base.paths import ROOT
from scripts.deployments.aws.account import Account
from scripts.deployments.aws.state_bucket import bucket_name
from scripts.deployments.taps import PREFIX
from scripts.documents.rights.calls import BACKEND, BUCKET, PROVIDER, SCRIPTS, Call
from scripts.terraform.identity import ACCOUNT_ID
from tests.infra.rights.arns import ID, MAPPING, POOL, arns
from tests.infra.rights.planned import Planned

ROLES = ROOT / "infra/roles"
# What `make events` named its rule and its queue.
TAP = f"{PREFIX}0123456789ab"
Context = Mapping[str, str | list[str]]


def filled(name: str, environment: str = "prod", **values: str) -> dict[str, Any]:
    """A policy of infra/roles/, with its placeholders replaced as docs/deployment.md does."""
    text = (ROLES / f"{name}.json").read_text(encoding="utf-8")
    known = {
        "account": ACCOUNT_ID,
        "region": "us-east-1",
        "environment": environment,
        "github-environment": environment,
        "zone": "Z00000000EXAMPLE",
        "owner": "octo-org",
        "owner-id": "123456",
        "repository": "task-manager",
        "repository-id": "456789",
        **values,
    }
    for placeholder, value in known.items():
        text = text.replace(f"<{placeholder}>", value)
    assert "<" not in text, text
    document: dict[str, Any] = json.loads(text)
    return document


def size(document: Mapping[str, Any]) -> int:
    """The size of a policy as IAM counts it: without white space."""
    return len(json.dumps(document, separators=(",", ":")))


def targets(planned: Planned, call: Call, action: str) -> Iterator[tuple[str, Context]]:
    """ARNs of what a call acts on in this plan, with the context of the request."""
    if call.caller in (BACKEND, BUCKET):
        yield from ((arn, {}) for arn in _state(planned, call, action))
    elif call.caller in (PROVIDER, "aws_caller_identity"):
        return
    elif special := _special(planned, action):
        yield from special
    elif call.caller == SCRIPTS:
        yield from _of_scripts(planned, action)
    else:
        for resource in planned.plan.resources:
            if resource.type == call.caller:
                yield from ((arn, _context(action)) for arn in arns(planned, resource, action))


def tags(kind: str, environment: str = "prod", project: str = "task-manager") -> dict[str, str]:
    """The tags of a resource (`ResourceTag`), or those of a request (`RequestTag`)."""
    return {f"aws:{kind}/Project": project, f"aws:{kind}/Environment": environment}


BOUNDARY = f"arn:aws:iam::{ACCOUNT_ID}:policy/github-task-manager-prod-boundary"
GATEWAY = "ops.apigateway.amazonaws.com"
LINKED = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{GATEWAY}/AWSServiceRoleForAPIGateway"
BOUNDED = {"iam:PermissionsBoundary": BOUNDARY}


def _context(action: str) -> Context:
    service, _, name = action.partition(":")
    if name in ("CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy"):
        return BOUNDED
    if service == "kms":
        return tags("RequestTag") if name == "TagResource" else tags("ResourceTag")
    if service == "cognito-idp":
        return tags("RequestTag") if name == "TagResource" else tags("ResourceTag")
    return {}


def _special(planned: Planned, action: str) -> list[tuple[str, Context]]:
    """ARNs of actions that are not on the caller's own resource."""
    function = planned.arn("lambda", f"function:{planned.names('aws_lambda_function')[0]}")
    anything = {
        "backup-storage:MountCapsule", "cloudwatch:DescribeAlarms", "codedeploy:StopDeployment",
        "cognito-idp:DescribeUserPoolDomain", "events:ListRules", "kms:ListAliases",
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries",
        "logs:PutResourcePolicy", "logs:UpdateLogDelivery", "states:ValidateStateMachineDefinition",
    }  # fmt: skip
    if action in anything:
        resource = planned.arn("cloudwatch", "alarm:*") if action == "cloudwatch:DescribeAlarms" else "*"
        return [(resource, {})]
    mapping = (planned.arn("lambda", MAPPING), {"lambda:FunctionArn": f"{function}:live"})
    recovery_points: list[tuple[str, Context]] = [
        (f"{planned.tables()['tasks']}/backup/01489602797149-73d8d5bc", {}),
        (planned.arn("backup", f"recovery-point:{ID}"), tags("ResourceTag")),
    ]
    fixed: dict[str, list[tuple[str, Context]]] = {
        "backup:DeleteRecoveryPoint": recovery_points,
        "backup:DescribeRecoveryPoint": recovery_points,
        "cognito-idp:CreateUserPool": [("*", tags("RequestTag"))],
        "iam:CreateServiceLinkedRole": [(LINKED, {"iam:AWSServiceName": GATEWAY})],
        "kms:CreateKey": [("*", tags("RequestTag"))],
        "lambda:CreateEventSourceMapping": [("*", {"lambda:FunctionArn": function})],
        "lambda:DeleteEventSourceMapping": [mapping],
        "lambda:UpdateEventSourceMapping": [mapping],
    }
    if action in fixed:
        return fixed[action]
    if action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        attached = planned.plan.of_type("aws_iam_role_policy_attachment")
        bounded = BOUNDED if action == "iam:AttachRolePolicy" else {}
        return [
            (planned.roles()[one.name], {"iam:PolicyARN": one.values["policy_arn"]} | bounded)
            for one in attached
        ]
    if action == "iam:PassRole":
        return [(arn, {"iam:PassedToService": service}) for arn, service in _passed(planned)]
    return []


def _passed(planned: Planned) -> Iterator[tuple[str, str]]:
    services = {"approval": "states", "backup": "backup", "deployment": "codedeploy"}
    for role, arn in planned.roles().items():
        yield arn, f"{services.get(role, 'lambda')}.amazonaws.com"


def _state(planned: Planned, call: Call, action: str) -> Iterator[str]:
    account = Account(ACCOUNT_ID, planned.region, lambda _: None)
    bucket = f"arn:aws:s3:::{bucket_name(account)}"
    if action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        # A plan writes only the lock.
        lock = f"{bucket}/prod/task-manager.tfstate.tflock"
        yield f"{bucket}/prod/task-manager.tfstate" if action == "s3:GetObject" else lock
    else:
        yield bucket


def _of_scripts(planned: Planned, action: str) -> Iterator[tuple[str, Context]]:
    prefix, functions = planned.prefix, planned.names("aws_lambda_function")
    fixed = {
        "codedeploy:GetApplicationRevision": [f"application:{prefix}"],
        "codedeploy:RegisterApplicationRevision": [f"application:{prefix}"],
        "codedeploy:GetDeploymentConfig": ["deploymentconfig:CodeDeployDefault.LambdaAllAtOnce"],
        "states:ListExecutions": [f"stateMachine:{prefix}-approval"],
        "states:StopExecution": [f"execution:{prefix}-approval:one"],
        "cognito-idp:DescribeUserPoolClient": [POOL],
    }
    (bus,) = planned.names("aws_cloudwatch_event_bus")
    by_service = {
        "events": [f"rule/{bus}/{TAP}"],
        "sqs": [TAP],
        "codedeploy": [f"deploymentgroup:{prefix}/{name}" for name in functions],
        "lambda": [f"function:{name}" for name in functions],
    }
    service = action.partition(":")[0]
    if service == "s3":
        for bucket in planned.names("aws_s3_bucket"):
            yield f"arn:aws:s3:::{bucket}" + ("/releases/newest.json" if "Object" in action else ""), {}
    for name in fixed.get(action) or by_service.get(service, []):
        yield planned.arn(service, name), _context(action)
