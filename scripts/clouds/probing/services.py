"""Probes of tables, the bus and workflows. Each gives quietly, or raises what the cloud answered instead."""

import json
from itertools import count
from typing import Any

from scripts.base.local_account import LOCAL_ACCOUNT, REGION
from scripts.clouds.clients import client
from scripts.clouds.probing.scope import REFUSALS, NotSeen, Scope

DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
KEY_TYPE = [{"AttributeName": "id", "AttributeType": "S"}]
ANY_ROLE = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/any"


def streams(probe: Scope) -> None:
    """A written item comes as a record of the table's stream."""
    dynamodb, reader = probe.client("dynamodb"), probe.client("dynamodbstreams")
    probe.remove_later(dynamodb.delete_table, TableName=probe.name)
    table = dynamodb.create_table(
        TableName=probe.name,
        KeySchema=KEY,
        AttributeDefinitions=KEY_TYPE,
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    stream = table["LatestStreamArn"]
    ids = count()

    def records() -> list[Any]:
        # Another item each time: what was written before LocalStack's stream was ready is not in it.
        dynamodb.put_item(TableName=probe.name, Item={"id": {"S": str(next(ids))}})
        shards = reader.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
        begin = {"StreamArn": stream, "ShardIteratorType": "TRIM_HORIZON"}
        start = reader.get_shard_iterator(**begin, ShardId=shards[0]["ShardId"])
        return list(reader.get_records(ShardIterator=start["ShardIterator"])["Records"])

    probe.wait("the record of an item", records)


def bus(probe: Scope) -> None:
    """An event on a bus of its own comes to the queue that a rule names."""
    events, sqs = probe.client("events"), probe.client("sqs")
    url = _queue(probe, "bus")
    probe.remove_later(events.delete_event_bus, Name=probe.name)
    events.create_event_bus(Name=probe.name)
    rule = {"Name": probe.name, "EventBusName": probe.name}
    probe.remove_later(events.delete_rule, **rule)
    events.put_rule(**rule, EventPattern=json.dumps({"source": [probe.name]}))
    probe.remove_later(events.remove_targets, Rule=probe.name, EventBusName=probe.name, Ids=["1"])
    target = {"Id": "1", "Arn": _queue_arn(f"{probe.name}-bus")}
    events.put_targets(Rule=probe.name, EventBusName=probe.name, Targets=[target])
    entry = {"Source": probe.name, "DetailType": "Probe", "Detail": "{}", "EventBusName": probe.name}
    if failed := events.put_events(Entries=[entry]).get("FailedEntryCount"):
        raise NotSeen(f"{failed} event was refused")
    probe.wait("the event", lambda: sqs.receive_message(QueueUrl=url).get("Messages"))


def archives(probe: Scope) -> None:
    """A bus can have an archive."""
    events = probe.client("events")
    name = f"{probe.name}-kept"
    probe.remove_later(events.delete_event_bus, Name=name)
    source = events.create_event_bus(Name=name)["EventBusArn"]
    # An archive's name has at most 48 characters.
    probe.remove_later(events.delete_archive, ArchiveName=name)
    events.create_archive(ArchiveName=name, EventSourceArn=source, RetentionDays=1)
    if events.describe_archive(ArchiveName=name)["ArchiveName"] != name:
        raise NotSeen("the archive is not there")


def task_tokens(probe: Scope) -> None:
    """A workflow waits for its token, and goes on when that is sent."""
    workflows, sqs = probe.client("stepfunctions"), probe.client("sqs")
    url = _queue(probe, "token")
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 60,
        "End": True,
    }
    machine = workflows.create_state_machine(
        name=probe.name,
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": wait}}),
        roleArn=role(probe),
    )["stateMachineArn"]
    probe.remove_later(workflows.delete_state_machine, stateMachineArn=machine)
    execution = workflows.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    probe.remove_later(workflows.stop_execution, executionArn=execution)
    received = probe.wait("the token", lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    token = json.loads(received[0]["Body"])["token"]
    workflows.send_task_success(taskToken=token, output='{"decided": true}')

    def succeeded() -> bool:
        return bool(workflows.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")

    probe.wait("the end of the workflow", succeeded)


def iam_enforcement(probe: Scope) -> None:
    """A user without any policy may not describe a table, be it there or not."""
    iam = probe.client("iam")
    probe.remove_later(iam.delete_user, UserName=probe.name)
    iam.create_user(UserName=probe.name)
    keys = iam.create_access_key(UserName=probe.name)["AccessKey"]
    probe.remove_later(iam.delete_access_key, UserName=probe.name, AccessKeyId=keys["AccessKeyId"])
    powerless = client("dynamodb", probe.endpoint, keys=(keys["AccessKeyId"], keys["SecretAccessKey"]))
    try:
        powerless.describe_table(TableName=probe.name)
    except powerless.exceptions.ClientError as error:
        if (code := error.response["Error"]["Code"]) in DENIED:
            return
        raise NotSeen(f"a user without rights was not refused, but answered {code}") from error
    raise NotSeen("a user without rights was not refused")


def role(probe: Scope) -> str:
    """The role of the probe's function and workflow, which may use queues and logs; made once."""
    probe.role = probe.role or _made_role(probe)
    return probe.role


def _made_role(probe: Scope) -> str:
    iam = probe.client("iam")
    services = [f"{service}.amazonaws.com" for service in ("lambda", "states")]
    trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    rights = {"Effect": "Allow", "Action": ["sqs:*", "logs:*"], "Resource": "*"}
    named = {"RoleName": probe.name}
    try:
        probe.remove_later(iam.delete_role, **named)
        made = iam.create_role(**named, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        probe.remove_later(iam.delete_role_policy, **named, PolicyName="probe")
        iam.put_role_policy(**named, PolicyName="probe", PolicyDocument=_policy(rights))
        return str(made)
    except REFUSALS:  # an emulator without IAM asks for no role that exists
        return ANY_ROLE


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _queue(probe: Scope, purpose: str) -> str:
    sqs = probe.client("sqs")
    url = str(sqs.create_queue(QueueName=f"{probe.name}-{purpose}")["QueueUrl"])
    probe.remove_later(sqs.delete_queue, QueueUrl=url)
    return url


def _queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{LOCAL_ACCOUNT}:{name}"
