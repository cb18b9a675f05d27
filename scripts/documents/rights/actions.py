"""Which actions of IAM a call needs: mostly one of the same name, and what differs.

Source: the Service Authorization Reference, and the pages of each service that are named here.
"""

from collections.abc import Iterator, Mapping

from scripts.documents.rights.calls import Call

# Service in AWS's SDK → prefix of its actions.
_PREFIXES = {
    "ApiGatewayV2": "apigateway",
    "API Gateway": "apigateway",
    "Backup": "backup",
    "CloudWatch": "cloudwatch",
    "CloudWatch Logs": "logs",
    "CodeDeploy": "codedeploy",
    "Cognito Identity Provider": "cognito-idp",
    "DynamoDB": "dynamodb",
    "EventBridge": "events",
    "IAM": "iam",
    "KMS": "kms",
    "Lambda": "lambda",
    "Route 53": "route53",
    "S3": "s3",
    "SFN": "states",
    "SNS": "sns",
    "SQS": "sqs",
    "STS": "sts",
    "WAFV2": "wafv2",
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3 = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}

# API Gateway's actions are HTTP methods.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
_METHODS = {"Create": "POST", "Delete": "DELETE", "Get": "GET", "Put": "PUT", "Update": "PATCH"}

# Further actions that a call requires: by caller and operation, or for every caller.
_BESIDES: Mapping[tuple[str, str], tuple[str, ...]] = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    ("Lambda", "CreateFunction"): ("iam:PassRole", "s3:GetObject", "lambda:TagResource"),
    ("Lambda", "UpdateFunctionCode"): ("s3:GetObject",),
    ("Lambda", "UpdateFunctionConfiguration"): ("iam:PassRole",),
    ("Lambda", "CreateEventSourceMapping"): ("lambda:TagResource",),
    ("S3", "GetObject"): ("s3:GetObjectVersion",),  # the previous release
    ("SFN", "CreateStateMachine"): ("iam:PassRole", "states:TagResource"),
    ("SFN", "UpdateStateMachine"): ("iam:PassRole",),
    ("CodeDeploy", "CreateApplication"): ("codedeploy:TagResource",),
    # An AppSpec within the call is registered as a revision of the application:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
    ("CodeDeploy", "CreateDeployment"): (
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    ),
    ("CodeDeploy", "CreateDeploymentGroup"): ("iam:PassRole", "codedeploy:TagResource"),
    ("CodeDeploy", "UpdateDeploymentGroup"): ("iam:PassRole",),
    ("Backup", "CreateBackupSelection"): ("iam:PassRole",),
    ("Backup", "CreateBackupPlan"): ("backup:TagResource",),
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
    ("Backup", "CreateBackupVault"): ("backup:TagResource", "backup-storage:MountCapsule"),
    ("EventBridge", "CreateEventBus"): ("events:TagResource",),
    ("EventBridge", "PutRule"): ("events:TagResource",),
    ("CloudWatch Logs", "CreateLogGroup"): ("logs:TagResource",),
    ("CloudWatch", "PutMetricAlarm"): ("cloudwatch:TagResource",),
    ("DynamoDB", "CreateTable"): ("dynamodb:TagResource",),
    ("IAM", "CreateRole"): ("iam:TagRole",),
    ("KMS", "CreateKey"): ("kms:TagResource",),
    ("SNS", "CreateTopic"): ("sns:TagResource",),
    ("SQS", "CreateQueue"): ("sqs:TagQueue",),
    ("Cognito Identity Provider", "CreateUserPool"): ("cognito-idp:TagResource",),
    ("WAFV2", "CreateWebACL"): ("wafv2:TagResource",),
    ("S3", "PutObject"): ("s3:PutObjectTagging",),
    ("S3", "DeleteObject"): ("s3:DeleteObjectVersion",),
    ("S3", "DeleteObjects"): ("s3:DeleteObjectVersion",),
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    ("WAFV2", "PutLoggingConfiguration"): ("log delivery",),
    ("WAFV2", "DeleteLoggingConfiguration"): ("log delivery",),
    # A stage with an access log: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    ("ApiGatewayV2", "CreateStage"): ("log delivery",),
    ("ApiGatewayV2", "UpdateStage"): ("log delivery",),
    ("ApiGatewayV2", "DeleteStage"): ("log delivery",),
    # The first custom domain of an account:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
    ("ApiGatewayV2", "CreateDomainName"): ("iam:CreateServiceLinkedRole",),
    # https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_id-based-policy-examples.html
    ("WAFV2", "AssociateWebACL"): ("apigateway:SetWebACL",),
    ("WAFV2", "DisassociateWebACL"): ("apigateway:SetWebACL",),
}

LOG_DELIVERY = tuple(
    f"logs:{action}"
    for action in (
        "CreateLogDelivery", "DeleteLogDelivery", "DescribeResourcePolicies", "GetLogDelivery",
        "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery",
    )
)  # fmt: skip

# It requires no right.
FREE = {"sts:GetCallerIdentity"}


def actions(call: Call) -> Iterator[str]:
    """What the caller must be allowed to do for this call."""
    prefix = _PREFIXES[call.service]
    if prefix == "apigateway":
        yield f"apigateway:{_method(call.operation)}"
    elif (action := f"{prefix}:{_S3.get(call.operation, call.operation)}") not in FREE:
        yield action
    # The state has no tags, and Terraform removes none of its versions.
    if call.caller == "the state":
        return
    for action in _BESIDES.get((call.service, call.operation), ()):
        yield from LOG_DELIVERY if action == "log delivery" else (action,)


def _method(operation: str) -> str:
    return next(method for verb, method in _METHODS.items() if operation.startswith(verb))
