"""On what a deployment may act, as narrow as IAM and the names of a deployment allow.

Names of a deployment begin with project and environment. Where AWS names things by ids of its own, their
tags decide; where it does neither, the reason stands here. `<account>`, `<region>` and `<environment>` are
filled in when the roles are made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.deployments.taps import PREFIX as TAP
from scripts.documents.rights.calls import BACKEND, BUCKET, SCRIPTS

PROJECT = "task-manager"
NAME = f"{PROJECT}-<environment>"
PLACE = "<region>:<account>"
STATE_BUCKET = f"arn:aws:s3:::{PROJECT}-terraform-state-<account>-<region>"

Conditions = Mapping[str, Mapping[str, str | tuple[str, ...]]]

# The provider's default tags (infra/locals.tf).
TAGGED: Conditions = {
    "StringLike": {"aws:ResourceTag/Project": PROJECT, "aws:ResourceTag/Environment": "<environment>"}
}
BEING_TAGGED: Conditions = {
    "StringLike": {"aws:RequestTag/Project": PROJECT, "aws:RequestTag/Environment": "<environment>"}
}


@dataclass(frozen=True)
class Scope:
    """Resources, and conditions for acting on them."""

    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)


ANYTHING = Scope(("*",))

# Actions for which AWS has no resources, or requires all of them at once.
ON_ANYTHING = {
    "backup-storage:MountCapsule",
    "cloudwatch:DescribeAlarms",
    "codedeploy:StopDeployment",
    "cognito-idp:DescribeUserPoolDomain",
    "events:ListRules",
    "kms:ListAliases",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "states:ValidateStateMachineDefinition",
}

# WAF accepts only log groups with its own prefix, and API Gateway names the logs of REST APIs by their ids.
# CreateLogGroup and others are evaluated on a group's ARN with `:log-stream:` behind it, as refusals show:
# https://github.com/cloudposse/terraform-aws-cicd/issues/33
_LOG_GROUPS = tuple(
    f"arn:aws:logs:{PLACE}:log-group:{group}"
    for group in (
        f"/aws/lambda/{NAME}-*",
        f"/aws/vendedlogs/{NAME}-*",
        f"aws-waf-logs-{NAME}",
        f"aws-waf-logs-{NAME}:*",
        "API-Gateway-Execution-Logs_*",
    )
)

# Prefix of actions → a deployment's resources of that service.
_BY_SERVICE = {
    # AWS chooses the ids of APIs, and the parts of an API have no tags.
    "apigateway": Scope(tuple(f"arn:aws:apigateway:<region>::/{path}" for path in (
        "apis", "apis/*", "restapis", "restapis/*", "tags/*"))),
    "backup": Scope((f"arn:aws:backup:{PLACE}:backup-vault:{NAME}", f"arn:aws:backup:{PLACE}:backup-plan:*")),
    "cloudwatch": Scope((f"arn:aws:cloudwatch:{PLACE}:alarm:{NAME}-*",
                         f"arn:aws:cloudwatch::<account>:dashboard/{NAME}-*")),
    "codedeploy": Scope((f"arn:aws:codedeploy:{PLACE}:application:{NAME}",
                         f"arn:aws:codedeploy:{PLACE}:deploymentgroup:{NAME}/{NAME}-*")),
    "cognito-idp": Scope((f"arn:aws:cognito-idp:{PLACE}:userpool/*",), TAGGED),
    "dynamodb": Scope((f"arn:aws:dynamodb:{PLACE}:table/{NAME}-*",)),
    "events": Scope(tuple(f"arn:aws:events:{PLACE}:{kind}/{NAME}-*" for kind in (
        "archive", "event-bus", "rule"))),
    "iam": Scope((f"arn:aws:iam::<account>:role/{NAME}-*",)),
    "kms": Scope((f"arn:aws:kms:{PLACE}:key/*",), TAGGED),
    "lambda": Scope((f"arn:aws:lambda:{PLACE}:function:{NAME}-*",)),
    "logs": Scope(_LOG_GROUPS),
    "route53": Scope(("arn:aws:route53:::hostedzone/<zone>", "arn:aws:route53:::change/*")),
    "s3": Scope((f"arn:aws:s3:::{NAME}-*",)),
    "sns": Scope((f"arn:aws:sns:{PLACE}:{NAME}-*",)),
    "sqs": Scope((f"arn:aws:sqs:{PLACE}:{NAME}-*",)),
    "states": Scope((f"arn:aws:states:{PLACE}:stateMachine:{NAME}-*",)),
    "wafv2": Scope((f"arn:aws:wafv2:{PLACE}:regional/webacl/{NAME}/*",
                    f"arn:aws:wafv2:{PLACE}:regional/managedruleset/*")),
}  # fmt: skip

_KEYS = Scope((f"arn:aws:kms:{PLACE}:key/*",))
_MAPPINGS = Scope(
    (f"arn:aws:lambda:{PLACE}:event-source-mapping:*",),
    {"ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:{PLACE}:function:{NAME}-*"}},
)
_DOMAINS = Scope(
    tuple(f"arn:aws:apigateway:<region>::/{path}" for path in ("domainnames", "domainnames/*", "tags/*"))
)
# A tap's queue has no environment in its name, unlike its rule, which is named after its bus first.
_TAPS = Scope((f"arn:aws:sqs:{PLACE}:{TAP}*",))
_STAGES = Scope(("arn:aws:apigateway:<region>::/restapis/*/stages/*",))

_GATEWAY = "ops.apigateway.amazonaws.com"
_PASSED_TO = tuple(f"{service}.amazonaws.com" for service in ("backup", "codedeploy", "lambda", "states"))
_MANAGED = tuple(
    f"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor{work}"
    for work in ("Backup", "Restores")
)

# On recovery points, not on their vault. Their ARN is that of a table's backup; or, by default in accounts
# that began with AWS Backup after November 2021, one without any name, which has the tags of the table.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
ON_RECOVERY_POINTS = frozenset({"backup:DeleteRecoveryPoint", "backup:DescribeRecoveryPoint"})
TAGGED_RECOVERY_POINTS = Scope((f"arn:aws:backup:{PLACE}:recovery-point:*",), TAGGED)

# A principal that may write a role's policies may do anything through it, within the role's boundary:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
BOUNDARY = "github-task-manager-<github-environment>-boundary"
_BOUNDED: Conditions = {
    "StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::<account>:policy/{BOUNDARY}"}
}

# Callers that act on other resources of a service than the rest.
_BY_CALLER = {
    ("aws_apigatewayv2_api_mapping", "apigateway"): _DOMAINS,
    ("aws_apigatewayv2_domain_name", "apigateway"): _DOMAINS,
    (SCRIPTS, "sqs"): _TAPS,
}

# Actions that differ from the rest of their service.
_BY_ACTION = {
    "apigateway:SetWebACL": _STAGES,
    **dict.fromkeys(ON_RECOVERY_POINTS, Scope((f"arn:aws:dynamodb:{PLACE}:table/{NAME}-*/backup/*",))),
    "codedeploy:GetDeploymentConfig": Scope((f"arn:aws:codedeploy:{PLACE}:deploymentconfig:*",)),
    "cognito-idp:CreateUserPool": Scope(("*",), BEING_TAGGED),
    "cognito-idp:TagResource": Scope((f"arn:aws:cognito-idp:{PLACE}:userpool/*",), BEING_TAGGED),
    "iam:AttachRolePolicy": Scope(
        _BY_SERVICE["iam"].resources, {**_BOUNDED, "ArnEquals": {"iam:PolicyARN": _MANAGED}}
    ),
    "iam:DetachRolePolicy": Scope(_BY_SERVICE["iam"].resources, {"ArnEquals": {"iam:PolicyARN": _MANAGED}}),
    "iam:CreateServiceLinkedRole": Scope(
        (f"arn:aws:iam::<account>:role/aws-service-role/{_GATEWAY}/AWSServiceRoleForAPIGateway",),
        {"StringEquals": {"iam:AWSServiceName": _GATEWAY}},
    ),
    **dict.fromkeys(
        ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
        Scope(_BY_SERVICE["iam"].resources, _BOUNDED),
    ),
    "iam:PassRole": Scope(
        _BY_SERVICE["iam"].resources, {"StringEquals": {"iam:PassedToService": _PASSED_TO}}
    ),
    # A new key's tags may take minutes to count: https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
    # Reading about keys and rotating them is harmless, and an alias must have one of our names.
    "kms:CreateAlias": Scope((*_KEYS.resources, f"arn:aws:kms:{PLACE}:alias/{NAME}")),
    "kms:CreateKey": Scope(("*",), BEING_TAGGED),
    "kms:DeleteAlias": Scope((*_KEYS.resources, f"arn:aws:kms:{PLACE}:alias/{NAME}")),
    "kms:DescribeKey": _KEYS,
    "kms:UpdateAlias": Scope((*_KEYS.resources, f"arn:aws:kms:{PLACE}:alias/{NAME}")),
    "kms:EnableKeyRotation": _KEYS,
    "kms:GetKeyPolicy": _KEYS,
    "kms:GetKeyRotationStatus": _KEYS,
    "kms:ListResourceTags": _KEYS,
    "kms:TagResource": Scope(_KEYS.resources, BEING_TAGGED),
    "lambda:CreateEventSourceMapping": Scope(("*",), _MAPPINGS.conditions),
    "lambda:DeleteEventSourceMapping": _MAPPINGS,
    "lambda:GetEventSourceMapping": Scope(_MAPPINGS.resources),
    "lambda:UpdateEventSourceMapping": _MAPPINGS,
    "wafv2:DisassociateWebACL": _STAGES,
    "states:StopExecution": Scope((f"arn:aws:states:{PLACE}:execution:{NAME}-*",)),
}  # fmt: skip

# Tags of mappings, for which no condition is supported.
_ALSO_MAPPINGS = {"lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"}

_ON_OBJECTS = {
    f"s3:{action}"
    for action in (
        "DeleteObject", "DeleteObjectVersion", "GetObject", "GetObjectTagging", "GetObjectVersion",
        "PutObject", "PutObjectTagging",
    )
}  # fmt: skip


def scope(caller: str, action: str) -> Scope:
    """On what an action is allowed, for the calls of this caller."""
    if caller in (BACKEND, BUCKET):
        return _of_the_state(action)
    if action in ON_ANYTHING:
        return ANYTHING
    service = action.partition(":")[0]
    if (caller, service) in _BY_CALLER:
        return _BY_CALLER[caller, service]
    if action in _BY_ACTION:
        return _BY_ACTION[action]
    found = _BY_SERVICE[service]
    if action in _ON_OBJECTS:
        return Scope(tuple(f"{bucket}/*" for bucket in found.resources))
    if action in _ALSO_MAPPINGS:
        return Scope((*found.resources, *_MAPPINGS.resources))
    if action in ("wafv2:AssociateWebACL", "wafv2:GetWebACLForResource"):
        return Scope((*found.resources, *_STAGES.resources))
    return found


def _of_the_state(action: str) -> Scope:
    """An environment reads and writes its own state; Terraform locks it by a file beside it."""
    return Scope((f"{STATE_BUCKET}/<environment>/*",) if action in _ON_OBJECTS else (STATE_BUCKET,))
