"""Who may use the key: by principal, service that calls KMS, source and encryption context.

The key policy decides for AWS's services; for roles it lets their own policies decide. Each row has AWS's
page about who calls KMS, and with which context.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.infra.rights.evaluation import Engine, Request
from tests.infra.rights.planned import KEY, RESOURCE, Planned

OTHER_ACCOUNT = "999999999999"
FUNCTIONS_ROLE = "on_completed"  # uses DynamoDB and S3, and reads a queue

DOCS = "https://docs.aws.amazon.com/"
LOGS = f"{DOCS}AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
EVENTS_TO_SQS = f"{DOCS}AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
BUS = f"{DOCS}eventbridge/latest/userguide/eb-encryption-key-policy.html"
ALARMS = f"{DOCS}sns/latest/dg/sns-key-management.html"
VIA_SERVICE = f"{DOCS}kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service"
DYNAMODB = f"{DOCS}amazondynamodb/latest/developerguide/encryption.usagenotes.html"
S3 = f"{DOCS}AmazonS3/latest/userguide/UsingKMSEncryption.html"
SQS_POLLER = f"{DOCS}lambda/latest/dg/services-sqs-configure.html"
ENVIRONMENT = f"{DOCS}lambda/latest/dg/configuration-envvars-encryption.html"
KEY_POLICY = f"{DOCS}kms/latest/developerguide/key-policy-default.html"


@dataclass(frozen=True)
class Row:
    """A call of KMS, by a role of ours or by a service (`principal`), and whether it is granted."""

    name: str
    actions: tuple[str, ...]
    granted: bool
    source: str
    principal: str = ""
    role: str = ""
    context: Mapping[str, str] | None = None


def log_group(name: str, region: str = "us-east-1", account: str = ACCOUNT_ID) -> dict[str, str]:
    """The context in which CloudWatch Logs uses a key."""
    return {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:log-group:{name}"}


USE = ("Decrypt", "GenerateDataKey")
# Without DescribeKey, which has no encryption context: a condition on it never holds.
LOG_ACTIONS = ("Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")
US, THEM = {"aws:SourceAccount": ACCOUNT_ID}, {"aws:SourceAccount": OTHER_ACCOUNT}
SERVICES = (
    Row("the log of a function", LOG_ACTIONS, True, LOGS, "logs.us-east-1.amazonaws.com",
        context=log_group("/aws/lambda/task-manager-prod-relay")),
    Row("the log of the API", LOG_ACTIONS, True, LOGS, "logs.us-east-1.amazonaws.com",
        context=log_group("/aws/vendedlogs/task-manager-prod-api")),
    Row("the log of another project", LOG_ACTIONS, False, LOGS, "logs.us-east-1.amazonaws.com",
        context=log_group("/aws/lambda/other-prod-relay")),
    Row("the log of another environment", LOG_ACTIONS, False, LOGS, "logs.us-east-1.amazonaws.com",
        context=log_group("/aws/lambda/task-manager-dev-relay")),
    Row("the log of another account", LOG_ACTIONS, False, LOGS, "logs.us-east-1.amazonaws.com",
        context=log_group("/aws/lambda/task-manager-prod-relay", account=OTHER_ACCOUNT)),
    Row("a log of another region", LOG_ACTIONS, False, LOGS, "logs.eu-west-1.amazonaws.com",
        context=log_group("/aws/lambda/task-manager-prod-relay", region="eu-west-1")),
    Row("logs without a context", LOG_ACTIONS, False, LOGS, "logs.us-east-1.amazonaws.com"),
    Row("a rule to its encrypted queue", USE, True, EVENTS_TO_SQS,
        "events.amazonaws.com", context=US),
    Row("the bus itself", ("Decrypt", "DescribeKey", "GenerateDataKey"), True, BUS,
        "events.amazonaws.com", context=US),
    Row("a bus of another account", ("Decrypt", "DescribeKey", "GenerateDataKey"), False, BUS,
        "events.amazonaws.com", context=THEM),
    Row("events without a source", USE, False, BUS, "events.amazonaws.com"),
    Row("events beyond what they need", ("Encrypt", "CreateGrant", "PutKeyPolicy"), False, BUS,
        "events.amazonaws.com", context=US),
    Row("an alarm to its encrypted topic", USE, True, ALARMS,
        "cloudwatch.amazonaws.com", context=US),
    Row("an alarm of another account", USE, False, ALARMS,
        "cloudwatch.amazonaws.com", context=THEM),
    Row("an alarm beyond what it needs", ("DescribeKey", "CreateGrant"), False, ALARMS,
        "cloudwatch.amazonaws.com", context=US),
    *(Row(f"a service that never uses the key: {service}", USE, False, KEY_POLICY,
          f"{service}.amazonaws.com", context=US)
      for service in ("sns", "s3", "lambda", "states", "backup", "delivery.logs", "apigateway", "scheduler")),
)  # fmt: skip

ADMINISTRATION = (
    "CreateGrant",
    "DisableKey",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "ReEncryptFrom",
    "Encrypt",
)


def via(service: str, region: str = "us-east-1") -> dict[str, str]:
    """The context of a call that a service makes on a principal's behalf."""
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


def environment_of(function: str) -> dict[str, str]:
    """The context in which Lambda decrypts a function's environment variables, as the function's role."""
    name = f"task-manager-prod-{function}"
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:{name}"
    return {"kms:EncryptionContext:aws:lambda:FunctionArn": arn}


ROLES = (
    Row("a function by DynamoDB", USE, True, DYNAMODB,
        role=FUNCTIONS_ROLE, context=via("dynamodb")),
    Row("a function by S3", USE, True, S3, role=FUNCTIONS_ROLE, context=via("s3")),
    Row("a function that reads its queue", ("Decrypt",), True, SQS_POLLER,
        role=FUNCTIONS_ROLE, context=via("sqs")),
    Row("a reader that sends nothing", ("GenerateDataKey",), False, SQS_POLLER,
        role=FUNCTIONS_ROLE, context=via("sqs")),
    Row("the relay by its dead-letter queue, which is under SQS's own key", USE, False, SQS_POLLER,
        role="relay", context=via("sqs")),
    Row("a function that starts, by its own environment variables", ("Decrypt",), True, ENVIRONMENT,
        role="describe_api", context=environment_of("describe-api")),
    Row("a function by the environment variables of another", ("Decrypt",), False, ENVIRONMENT,
        role="describe_api", context=environment_of("create-task")),
    Row("a function that encrypts environment variables", ("GenerateDataKey", "Encrypt"), False, ENVIRONMENT,
        role="describe_api", context=environment_of("describe-api")),
    Row("the relay by the table's stream", ("Decrypt",), True, DYNAMODB,
        role="relay", context=via("dynamodb")),
    Row("a function by SNS", USE, True, ALARMS,
        role="on_updated", context=via("sns")),
    Row("a function by a service that it does not use", USE, False, VIA_SERVICE,
        role=FUNCTIONS_ROLE, context=via("sns")),
    Row("a function by another region", ("Decrypt",), False, VIA_SERVICE,
        role=FUNCTIONS_ROLE, context=via("dynamodb", "eu-west-1")),
    Row("a function that calls KMS itself", (*USE, *ADMINISTRATION), False, VIA_SERVICE,
        role=FUNCTIONS_ROLE),
    Row("a function that administers the key by DynamoDB", ADMINISTRATION, False, VIA_SERVICE,
        role=FUNCTIONS_ROLE, context=via("dynamodb")),
    Row("a function with no data to decrypt", USE, False, VIA_SERVICE,
        role="describe_api", context=via("dynamodb")),
    Row("the workflow", USE, False, VIA_SERVICE,
        role="approval", context=via("sns")),
    Row("CodeDeploy's role", USE, False, VIA_SERVICE,
        role="deployment", context=via("lambda")),
)  # fmt: skip


def requests(row: Row, planned: Planned) -> list[Request]:
    return [
        Request(
            principal=planned.roles()[row.role] if row.role else row.principal,
            action=f"kms:{action}",
            resource=KEY,
            context=row.context or {},
            identity=planned.identity_policies()[row.role] if row.role else (),
            resource_policy=f"{RESOURCE}{KEY}",
            # The engine's catalogue has no keys with a colon in what the caller chose.
            any_context=any(key.startswith("kms:EncryptionContext:") for key in row.context or {}),
        )
        for action in row.actions
    ]


@pytest.fixture(scope="module")
def verdicts(engine: Engine, planned: Planned) -> dict[str, set[bool]]:
    """Row → whether its actions were allowed."""
    asked = [(row.name, request) for row in (*SERVICES, *ROLES) for request in requests(row, planned)]
    found: dict[str, set[bool]] = {}
    for (name, _), allowed in zip(asked, engine.allowed(request for _, request in asked), strict=True):
        found.setdefault(name, set()).add(allowed)
    return found


@pytest.mark.parametrize("row", [*SERVICES, *ROLES], ids=lambda row: row.name)
def test_the_key_is_granted(row: Row, verdicts: dict[str, set[bool]]) -> None:
    assert verdicts[row.name] == {row.granted}, row.source


def test_another_account_may_not_use_the_key(engine: Engine) -> None:
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    stranger = engine.with_policies({"everything": everything})
    asked = [
        Request(
            f"arn:aws:iam::{OTHER_ACCOUNT}:role/stranger",
            f"kms:{action}",
            KEY,
            identity=("everything",),
            resource_policy=f"{RESOURCE}{KEY}",
        )
        for action in (*USE, *ADMINISTRATION)
    ]

    assert not any(stranger.allowed(asked))


def test_an_administrator_of_the_account_can_always_administer_the_key(engine: Engine) -> None:
    """Without this, only AWS could recover a key whose policy excludes everybody."""
    administers = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": KEY}],
    }
    administrator = engine.with_policies({"administers": administers})
    principal = f"arn:aws:iam::{ACCOUNT_ID}:role/administrator"
    asked = Request(
        principal, "kms:PutKeyPolicy", KEY, identity=("administers",), resource_policy=f"{RESOURCE}{KEY}"
    )

    assert administrator.allowed([asked]) == [True]
