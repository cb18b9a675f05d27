"""What bounds the roles of a deployment: the most that any of them is for, whatever its own policies say.

Made from the function map. Each role's own policy is narrower; this counts for roles that are not ours.
"""

from collections.abc import Iterator

from scripts.base.functions import actions
from scripts.documents.rights.actions import LOG_DELIVERY
from scripts.documents.rights.scopes import ANYTHING, NAME, PLACE, Scope, scope

# For triggers and logs, which every function has.
_TRIGGERS = (
    "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
    "logs:CreateLogStream", "logs:PutLogEvents",
    "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage",
)  # fmt: skip
# For the workflow and CodeDeploy.
_OTHERS = (
    "lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:InvokeFunction",
    "lambda:UpdateAlias",
)  # fmt: skip
_ON_ANYTHING = (
    *LOG_DELIVERY,
    "cloudwatch:DescribeAlarms",
    "logs:DescribeLogGroups",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
# From AWS's own policies for AWS Backup, for tables: copying, and writing what is restored.
_BACKUP = (
    "backup-storage:*", "backup:Copy*", "backup:Describe*", "backup:TagResource", "dynamodb:*Backup*",
    "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "tag:GetResources",
)  # fmt: skip
_RESTORE = ("dynamodb:BatchWriteItem", "dynamodb:Scan")
_KEY_CALLERS = ("backup", "dynamodb", "s3", "sns", "sqs")


def statements() -> Iterator[tuple[Scope, frozenset[str]]]:
    """What is allowed, on what."""
    for action in sorted({*actions(), *_TRIGGERS, *_OTHERS, *_RESTORE} - set(_ON_ANYTHING)):
        yield scope("roles of the deployment", action), frozenset({action})
    yield ANYTHING, frozenset((*_ON_ANYTHING, *_BACKUP))
    keys = (f"arn:aws:kms:{PLACE}:key/*",)
    via = {"kms:ViaService": tuple(f"{service}.<region>.amazonaws.com" for service in _KEY_CALLERS)}
    yield (
        Scope(keys, {"StringEquals": via}),
        frozenset({"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}),
    )
    # Lambda decrypts a function's environment as its role, and is no service of `via` then.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    environment = {
        "kms:EncryptionContext:aws:lambda:FunctionArn": f"arn:aws:lambda:{PLACE}:function:{NAME}-*"
    }
    yield Scope(keys, {"ArnLike": environment}), frozenset({"kms:Decrypt"})
