"""`make reset`: empty the local cloud's tables, queues and archive; nothing is deployed again."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from scripts.base.confirm import confirm
from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.base.waiting import until
from scripts.deployments.taps import PREFIX
from scripts.deployments.target import Target, chosen_target
from scripts.operators.queues import depth
from scripts.operators.rights.uses import RECORD
from scripts.operators.tap import Tap, tap
from services.adapters.dynamodb.tasks import task_to_item
from services.core.ids import new_task_id
from services.core.status import Priority
from services.core.task import NewTask, begin

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
BATCH = 25
# How long the relay may take for the events of all tasks, and reactions for what they are working on.
RELAY_SECONDS, REACTION_SECONDS = 120.0, 5.0


def reset() -> None:
    """`make reset`: empty the local cloud. Asks first if it holds tasks."""
    target = chosen_target()
    tasks = number_of_tasks(target)
    if tasks:
        confirm(f"Deletes {tasks} tasks, with everything that came of them.", "reset", "this deletes tasks")
    steps = Steps()
    with steps.step(f"Emptied: {tasks} tasks, tables, queues, archive"):
        empty(target)
        RECORD.unlink(missing_ok=True)  # `make rights` begins anew, too


def number_of_tasks(target: Target) -> int:
    """How many items the tasks table holds."""
    pages = target.client("dynamodb").get_paginator("scan")
    table = target.outputs["table_names"]["tasks"]
    return sum(page["Count"] for page in pages.paginate(TableName=table, Select="COUNT", ConsistentRead=True))


def empty(target: Target) -> None:
    """Empties everything. The rules of the bus are off meanwhile, so that no reaction follows."""
    tables: dict[str, str] = target.outputs["table_names"]
    with _rules_off(target):
        with tap(target) as bus:
            _empty_table(target, tables["tasks"])
            _await_relay(target, bus)
        _empty_queues(target)
        _stop_executions(target)
        for name in tables.keys() - {"tasks"}:
            _empty_table(target, tables[name])
        _empty_bucket(target, target.outputs["archive_bucket"])


@contextlib.contextmanager
def _rules_off(target: Target) -> Iterator[None]:
    """While it lasts, the bus delivers to taps only. After a run that was killed, the next one ends it."""
    events, bus = target.client("events"), target.outputs["event_bus_name"]
    pages = events.get_paginator("list_rules").paginate(EventBusName=bus)
    rules = [rule for page in pages for rule in page["Rules"]]
    names = [rule["Name"] for rule in rules if not (rule["Name"].startswith(PREFIX) or "ManagedBy" in rule)]
    try:
        for name in names:
            events.disable_rule(Name=name, EventBusName=bus)
        yield
    finally:
        for name in names:
            events.enable_rule(Name=name, EventBusName=bus)


def _await_relay(target: Target, bus: Tap) -> None:
    """Waits until the relay has read the deletions: until it publishes that of a task written after them."""
    now = datetime.now(UTC)
    last = begin(NewTask(title="reset", user_id="reset", priority=Priority.LOW), new_task_id(now), now)
    dynamodb, table = target.client("dynamodb"), target.outputs["table_names"]["tasks"]
    dynamodb.put_item(TableName=table, Item=task_to_item(last, "reset"))
    dynamodb.delete_item(TableName=table, Key={"taskId": {"S": last.task_id}})

    def published() -> bool:
        wanted = ("TaskDeleted", last.task_id)
        return any((event.detail_type, event.detail["taskId"]) == wanted for event in bus.receive())

    if not until(published, seconds=RELAY_SECONDS, poll=0):
        raise Failure("the relay does not read the tasks' stream: see `make status` and `make logs FN=relay`")


def _empty_queues(target: Target) -> None:
    """Lets reactions finish what they are working on, and drops what is left: messages that keep failing."""
    sqs, sources = target.client("sqs"), target.outputs["queue_urls"]
    until(lambda: not any(depth(sqs, url) for url in sources.values()), seconds=REACTION_SECONDS)
    for url in (*sources.values(), *target.outputs["dead_letter_queue_urls"].values()):
        sqs.purge_queue(QueueUrl=url)


def _stop_executions(target: Target) -> None:
    states, machine = target.client("stepfunctions"), target.outputs["approval_state_machine_arn"]
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
    for execution in [found for page in pages for found in page["executions"]]:
        # One that has ended meanwhile is refused.
        with contextlib.suppress(states.exceptions.ClientError):
            states.stop_execution(executionArn=execution["executionArn"], cause="make reset")


def _empty_table(target: Target, table: str) -> None:
    dynamodb = target.client("dynamodb")
    keys = [one["AttributeName"] for one in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    names = {f"#{number}": key for number, key in enumerate(keys)}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    )
    items = [item for page in pages for item in page["Items"]]
    for first in range(0, len(items), BATCH):
        deletions = [{"DeleteRequest": {"Key": item}} for item in items[first : first + BATCH]]
        left: dict[str, Any] = {table: deletions}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems", {})


def _empty_bucket(target: Target, bucket: str) -> None:
    s3 = target.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if versions:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
