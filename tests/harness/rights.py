"""Rights to try: for each kind of resource, the calls that a role may or must not make.

No permitted call changes anything: what it names does not exist, or its last parameter is invalid. The cloud
checks the caller's rights before that.

Writing log lines and reading streams are not tried, because the embedded cloud checks them against ARNs that
are not AWS's. tests/infra reads those rights from the plan.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from scripts.base.local_account import REGION
from scripts.operators.roles import role_arn
from tests.harness.function_map import FUNCTIONS
from tests.harness.stack import DeployedStack

NOBODY = "00000000-0000-7000-8000-000000000000"

# The services' error codes of a call that policies deny; SNS has one of its own.
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "KMS.AccessDeniedException"}

# IAM's prefix of an action → botocore's name of the service, where they differ.
_SERVICES = {"states": "stepfunctions"}

Call = Callable[[Any, Any], object]


@dataclass(frozen=True, order=True)
class Right:
    """The right to take `action` on the resource that the function map or this file calls `on`."""

    on: str
    action: str

    def __str__(self) -> str:
        return f"{self.on} {self.action}"


@dataclass(frozen=True)
class Table:
    """A table, and an index of it or none."""

    name: str
    key: str
    index: str | None = None


def _item(table: Table) -> dict[str, Any]:
    return {"TableName": table.name, "Key": {table.key: {"S": NOBODY}}}


def _search(table: Table) -> dict[str, Any]:
    searched = {"TableName": table.name, "Limit": 1}
    return searched | ({"IndexName": table.index} if table.index else {})


def _query(dynamodb: Any, table: Table) -> object:
    return dynamodb.query(
        **_search(table),
        KeyConditionExpression="#key = :key",
        ExpressionAttributeNames={"#key": table.key},
        ExpressionAttributeValues={":key": {"S": NOBODY}},
    )


_INDEX: Mapping[str, Call] = {
    "dynamodb:Query": _query,
    "dynamodb:Scan": lambda dynamodb, table: dynamodb.scan(**_search(table)),
}
_TABLE: Mapping[str, Call] = {
    **_INDEX,
    "dynamodb:GetItem": lambda dynamodb, table: dynamodb.get_item(**_item(table)),
    "dynamodb:PutItem": lambda dynamodb, table: dynamodb.put_item(
        TableName=table.name,
        Item={table.key: {"S": NOBODY}},
        ConditionExpression=f"attribute_exists({table.key})",
    ),
    "dynamodb:UpdateItem": lambda dynamodb, table: dynamodb.update_item(
        **_item(table), ConditionExpression=f"attribute_exists({table.key})"
    ),
    "dynamodb:DeleteItem": lambda dynamodb, table: dynamodb.delete_item(**_item(table)),
    "dynamodb:BatchGetItem": lambda dynamodb, table: dynamodb.batch_get_item(
        RequestItems={table.name: {"Keys": [{table.key: {"S": NOBODY}}]}}
    ),
    "dynamodb:UpdateTable": lambda dynamodb, table: dynamodb.update_table(TableName=table.name),
}
_BUS: Mapping[str, Call] = {
    "events:PutEvents": lambda events, bus: events.put_events(
        Entries=[{"EventBusName": bus, "Source": "rights", "DetailType": "tried", "Detail": "no JSON"}]
    ),
    "events:PutRule": lambda events, bus: events.put_rule(
        Name="tried", EventBusName=bus, EventPattern="none"
    ),
}
_QUEUE: Mapping[str, Call] = {
    "sqs:SendMessage": lambda sqs, url: sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=901),
    "sqs:ReceiveMessage": lambda sqs, url: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=11),
    "sqs:DeleteMessage": lambda sqs, url: sqs.delete_message(QueueUrl=url, ReceiptHandle="none"),
    "sqs:SetQueueAttributes": lambda sqs, url: sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"DelaySeconds": "901"}
    ),
}
_TOPIC: Mapping[str, Call] = {
    "sns:Publish": lambda sns, arn: sns.publish(TopicArn=arn, Message=""),
    "sns:Subscribe": lambda sns, arn: sns.subscribe(TopicArn=arn, Protocol="pigeon", Endpoint="x"),
    "sns:SetTopicAttributes": lambda sns, arn: sns.set_topic_attributes(
        TopicArn=arn, AttributeName="None", AttributeValue="x"
    ),
}
_MACHINE: Mapping[str, Call] = {
    "states:StartExecution": lambda states, arn: states.start_execution(stateMachineArn=arn, input="no JSON"),
    "states:UpdateStateMachine": lambda states, arn: states.update_state_machine(
        stateMachineArn=arn, definition="no JSON"
    ),
}
_TOKEN: Mapping[str, Call] = {
    "states:SendTaskSuccess": lambda states, token: states.send_task_success(taskToken=token, output="{}"),
    "states:SendTaskFailure": lambda states, token: states.send_task_failure(taskToken=token),
}


def _objects(prefix: str) -> Mapping[str, Call]:
    key = f"{prefix}rights"
    return {
        "s3:GetObject": lambda s3, bucket: s3.get_object(Bucket=bucket, Key=key),
        "s3:PutObject": lambda s3, bucket: s3.put_object(Bucket=bucket, Key=key, Body=b""),
        "s3:DeleteObject": lambda s3, bucket: s3.delete_object(Bucket=bucket, Key=key),
        "s3:ListBucket": lambda s3, bucket: s3.list_objects_v2(Bucket=bucket, MaxKeys=1),
    }


_KEY: Mapping[str, Call] = {
    "kms:Encrypt": lambda kms, key: kms.encrypt(KeyId=key, Plaintext=b"x"),
    "kms:GenerateDataKey": lambda kms, key: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    "kms:CreateGrant": lambda kms, key: kms.create_grant(
        KeyId=key, GranteePrincipal="none", Operations=["None"]
    ),
    "kms:PutKeyPolicy": lambda kms, key: kms.put_key_policy(KeyId=key, Policy="no JSON"),
    "kms:ScheduleKeyDeletion": lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=1),
}
_ROLE: Mapping[str, Call] = {
    "iam:PutRolePolicy": lambda iam, arn: iam.put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="more", PolicyDocument="no JSON"
    ),
    "iam:CreateUser": lambda iam, _: iam.create_user(UserName="no name"),
    "sts:AssumeRole": lambda sts, arn: sts.assume_role(RoleArn=arn, RoleSessionName="other"),
}
_FUNCTION: Mapping[str, Call] = {
    "lambda:InvokeFunction": lambda functions, name: functions.invoke(
        FunctionName=name, InvocationType="DryRun"
    ),
    "lambda:UpdateFunctionCode": lambda functions, name: functions.update_function_code(
        FunctionName=name, DryRun=True
    ),
}
_LOGS: Mapping[str, Call] = {
    "logs:FilterLogEvents": lambda logs, group: logs.filter_log_events(logGroupName=group, limit=1),
    "logs:PutRetentionPolicy": lambda logs, group: logs.put_retention_policy(
        logGroupName=group, retentionInDays=2
    ),
    "logs:DeleteLogStream": lambda logs, group: logs.delete_log_stream(
        logGroupName=group, logStreamName="none"
    ),
}


class Rights:
    """All rights that can be tried on a deployed stack."""

    def __init__(self, stack: DeployedStack) -> None:
        self._endpoint = stack.endpoint
        self._session = get_session()
        self._calls: dict[Right, tuple[Call, Any]] = {}
        for name, resource, calls in resources(stack):
            self._calls |= {Right(name, action): (call, resource) for action, call in calls.items()}

    def __iter__(self) -> Iterator[Right]:
        return iter(self._calls)

    def in_the_name_of(self, credentials: Mapping[str, str]) -> "Caller":
        """The caller with these credentials of STS."""
        return Caller(self, credentials)

    def call(self, right: Right) -> tuple[Call, Any]:
        """The call that uses a right, and the resource that it is on."""
        return self._calls[right]

    def client(self, service: str, credentials: Mapping[str, str]) -> Any:
        """A client that leaves checking the parameters to the cloud."""
        return self._session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                proxies={},
            ),
        )


class Caller:
    """Tries rights as one role."""

    def __init__(self, rights: Rights, credentials: Mapping[str, str]) -> None:
        self._rights = rights
        self._client = cache(lambda service: rights.client(service, credentials))

    def may(self, right: Right) -> bool:
        """Whether the cloud allows this to the caller. A refusal must name this action."""
        call, resource = self._rights.call(right)
        service = right.action.split(":")[0]
        client = self._client(_SERVICES.get(service, service))
        try:
            call(client, resource)
        except ClientError as error:
            if error.response["Error"]["Code"] not in DENIED:
                return True
            if right.action not in str(error):
                raise AssertionError(f"{right}: refused for something else") from error
            return False
        return True


def granted(function: str) -> set[Right]:
    """A function's rights: those of the map, and those that its trigger needs."""
    rights = {
        Right(on, action)
        for right in FUNCTIONS[function]["rights"]
        for on in right["on"]
        for action in right["actions"]
    }
    trigger = FUNCTIONS[function]["trigger"]
    if trigger["type"] == "queue":
        queue = f"{trigger['queue']}_queue"
        rights |= {Right(queue, "sqs:ReceiveMessage"), Right(queue, "sqs:DeleteMessage")}
    if trigger["type"] == "stream":
        rights.add(Right(f"{function}_dead_letter_queue", "sqs:SendMessage"))
    return rights


def resources(stack: DeployedStack) -> Iterator[tuple[str, Any, Mapping[str, Call]]]:
    """Each resource's name in the function map or in this file, how calls name it, and the calls to try."""
    yield from _tables(stack)
    yield from _queues(stack)
    out = stack.outputs
    yield "event_bus", out["event_bus_name"], _BUS
    yield "default_bus", "default", _BUS
    yield "notifications_topic", out["notifications_topic_arn"], _TOPIC
    yield "other_topic", out["notifications_topic_arn"] + "-else", _TOPIC
    yield "approval_state_machine", out["approval_state_machine_arn"], _MACHINE
    yield "any_waiting_execution", "none", _TOKEN
    yield "archive_bucket_tasks", out["archive_bucket"], _objects("tasks/")
    yield "archive_bucket_parked", out["archive_bucket"], _objects("parked/")
    yield "archive_bucket_else", out["archive_bucket"], _objects("")
    yield "code_bucket_objects", out["code_bucket"], _objects("")
    yield "key", out["kms_key_arn"], _KEY
    # One of each is enough: no function may act on any of them, not even on its own.
    some_function = out["function_names"]["apply_decision"]
    yield (
        "a_role",
        role_arn(stack, "apply_decision"),
        _ROLE,
    )
    yield "a_function", some_function, _FUNCTION
    yield "a_log", f"/aws/lambda/{some_function}", _LOGS


def _tables(stack: DeployedStack) -> Iterator[tuple[str, Any, Mapping[str, Call]]]:
    for name, table in stack.outputs["table_names"].items():
        found = stack.client("dynamodb").describe_table(TableName=table)["Table"]
        yield f"{name}_table", Table(found["TableName"], _partition_key(found)), _TABLE
        for index in found.get("GlobalSecondaryIndexes", ()):
            indexed = Table(found["TableName"], _partition_key(index), index["IndexName"])
            yield f"{name}_{indexed.index}_index".replace("-", "_"), indexed, _INDEX


def _partition_key(described: Mapping[str, Any]) -> str:
    return next(str(key["AttributeName"]) for key in described["KeySchema"] if key["KeyType"] == "HASH")


def _queues(stack: DeployedStack) -> Iterator[tuple[str, Any, Mapping[str, Call]]]:
    for name, url in stack.outputs["queue_urls"].items():
        yield f"{name}_queue", url, _QUEUE
    for name, url in stack.outputs["dead_letter_queue_urls"].items():
        yield f"{name}_dead_letter_queue", url, _QUEUE
