"""Every call of AWS while its service refuses: the error names the service, and may be transient or not.

The message is what an operator reads in the log, and in the reason of a parked record.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.parts import DynamoDBPartStore
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_to_item
from services.adapters.eventbridge import EventBridgeBus
from services.adapters.s3 import JsonBucket
from services.adapters.sns import NotificationTopic
from services.adapters.sqs import DeadLetterQueue
from services.adapters.step_functions import ApprovalStateMachine
from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import events_of
from services.core.feed import entry_of
from services.core.listing import TaskFilter
from services.core.ports import IdempotencyRecord
from services.core.statistics import Completion
from services.core.status import Status
from services.core.task import next_version
from services.core.verdicts import Verdict, Waiting
from tests.contracts.part_store import Note, a_note, changed
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, Ticking

TASK = a_task()
NEWER = next_version(TASK, NOON, title="newer")
(EVENT,) = events_of(Write(None, TASK, "cause", TASK.updated_at))
RECORD = IdempotencyRecord("key", "fingerprint", TASK, 1)
WAITING = Waiting(TASK.task_id, 1, "token", TASK.updated_at, TASK.updated_at)
VERDICT = Verdict(kind="decided", approval=an_approval(), correlation_id="cause")
NOTE = a_note()
# A task of an earlier release, which lacks a field and its shard.
OLDER = {name: value for name, value in task_to_item(TASK, "cause").items() if name != "statusShard"}


def tasks(client: Any) -> DynamoDBTaskStore:
    return DynamoDBTaskStore(client, "tasks", "idempotency")


def statistics(client: Any) -> DynamoDBStatisticsStore:
    return DynamoDBStatisticsStore(client, "statistics", timedelta(days=1), Ticking())


def approvals(client: Any) -> DynamoDBApprovalStore:
    return DynamoDBApprovalStore(client, "approvals", Ticking())


def notes(client: Any) -> DynamoDBPartStore[Note]:
    return DynamoDBPartStore(client, "notes", Note, "noteId")


def feed(client: Any) -> DynamoDBFeedStore:
    return DynamoDBFeedStore(client, "feed", 1, lambda: NOON)


def queue(client: Any) -> DeadLetterQueue:
    return DeadLetterQueue(client, "queue", lambda: JsonBucket(client, "archive"))


Call = Callable[[Any], object]
CALLS: dict[str, dict[str, Call]] = {
    "DynamoDB": {
        "put a task": lambda client: tasks(client).put_new(TASK, "cause"),
        "put a task once": lambda client: tasks(client).put_new_once(RECORD, 0, "cause"),
        "get a task": lambda client: tasks(client).get(TASK.task_id),
        "replace a task": lambda client: tasks(client).replace(TASK, NEWER, "cause"),
        "delete a task": lambda client: tasks(client).delete(TASK, "cause"),
        "expire a task": lambda client: tasks(client).expire(TASK.task_id, 1),
        "list tasks": lambda client: tasks(client).newest(TaskFilter(), 1, None),
        "list a user's tasks": lambda client: tasks(client).newest(TaskFilter(user_id="ada"), 1, None),
        "restore a task": lambda client: TaskTable(client, "tasks", 1).put_newer(TASK.as_document()),
        "backfill a task": lambda client: TaskTable(client, "tasks", 1).backfill(OLDER),
        "count tasks": lambda client: TaskTable(client, "tasks", 1).count(Status.PENDING),
        "count a creation": lambda client: statistics(client).count_created("1", "ada"),
        "count a completion": lambda client: statistics(client).count_completed(
            "1", "ada", Completion(TASK.updated_at, 1)
        ),
        "get statistics": lambda client: statistics(client).of_user("ada"),
        "wait for a decision": lambda client: approvals(client).wait(WAITING),
        "decide": lambda client: approvals(client).decide(TASK.task_id, an_approval(), "cause"),
        "cancel an approval": lambda client: approvals(client).cancel(TASK.task_id, 1, "cause"),
        "get a deadline": lambda client: approvals(client).deadline(TASK.task_id),
        "put a note": lambda client: notes(client).put_new(NOTE, "cause"),
        "get a note": lambda client: notes(client).get(NOTE.task_id, NOTE.note_id),
        "list notes": lambda client: notes(client).of_task(NOTE.task_id, 1),
        "replace a note": lambda client: notes(client).replace(NOTE, changed(NOTE, "newer"), "cause"),
        "delete a note": lambda client: notes(client).delete(NOTE, "cause"),
        "record an event": lambda client: feed(client).record(entry_of(EVENT, NOON)),
        "list events": lambda client: feed(client).newest(None, 1),
    },
    "EventBridge": {"publish": lambda client: EventBridgeBus(client, "bus").publish([EVENT])},
    "S3": {"archive": lambda client: JsonBucket(client, "archive").keep("key", "{}")},
    "SNS": {"notify": lambda client: NotificationTopic(client, "topic").notify("Task created", EVENT)},
    "SQS": {"park a record": lambda client: queue(client).park({}, "reason")},
    "Step Functions": {
        "start": lambda client: ApprovalStateMachine(client, "arn").start(EVENT),
        "deliver": lambda client: ApprovalStateMachine(client).deliver("token", VERDICT),
    },
}
EVERY_CALL = pytest.mark.parametrize(
    ("service", "call"),
    [
        pytest.param(service, call, id=f"{service}: {name}")
        for service, calls in CALLS.items()
        for name, call in calls.items()
    ],
)


class Refusing:
    """A client of any service whose operations, but those that answer, fail with an error code."""

    def __init__(self, code: str, **answers: Any) -> None:
        self._code = code
        self._answers = answers

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**_request: Any) -> Any:
            if operation in self._answers:
                return self._answers[operation]
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, operation)

        return call


@EVERY_CALL
def test_a_throttled_service_is_named(service: str, call: Call) -> None:
    with pytest.raises(ServiceUnavailable) as unavailable:
        call(Refusing("ThrottlingException"))
    assert str(unavailable.value) == f"{service} is unavailable: ThrottlingException"


@EVERY_CALL
def test_a_refusal_that_no_retry_changes_is_raised_as_it_is(service: str, call: Call) -> None:
    with pytest.raises(ClientError) as refusal:
        call(Refusing("AccessDeniedException"))
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"


class Reads:
    """A client of DynamoDB that records its reads of one item, and whether they are strongly consistent.

    Every write fails its condition, as the SDK's second attempt does when the first one's answer was lost.
    """

    def __init__(self, item: dict[str, Any]) -> None:
        self.consistent: list[bool] = []
        self._item = item

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.consistent.append(request.get("ConsistentRead") is True)
        return {"Item": self._item}

    def transact_write_items(self, **_request: Any) -> None:
        reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}]
        raise ClientError(
            {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}, ""
        )

    def update_item(self, **_request: Any) -> None:
        error = {"Code": "ConditionalCheckFailedException"}
        raise ClientError({"Error": error, "ResponseMetadata": {"RetryAttempts": 1}}, "UpdateItem")


HELD = task_to_item(TASK, "cause")


@pytest.mark.parametrize(
    ("item", "call"),
    [
        (HELD, CALLS["DynamoDB"]["get a task"]),
        (
            {"id": {"S": "key"}, "fingerprint": {"S": "f"}, "task": {"M": HELD}, "expiresAt": {"N": "9"}},
            CALLS["DynamoDB"]["put a task once"],
        ),
        (HELD, lambda client: TaskTable(client, "tasks", 1).backfill(OLDER)),
        (
            {"verdict": {"M": {"kind": {"S": "cancelled"}, "correlationId": {"S": "cause"}}}},
            CALLS["DynamoDB"]["decide"],
        ),
        ({}, CALLS["DynamoDB"]["get a deadline"]),
    ],
    ids=["task", "idempotency key", "backfill", "verdict", "deadline"],
)
def test_what_decides_is_read_with_strong_consistency(item: dict[str, Any], call: Call) -> None:
    """An eventually consistent read may miss the write that it is to find."""
    client = Reads(item)

    call(client)

    assert client.consistent
    assert all(client.consistent)


class Raced(Refusing):
    """Others have written first: each write fails its condition."""

    def update_item(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")

    transact_write_items = Reads.transact_write_items


@pytest.mark.parametrize(
    "call",
    [CALLS["DynamoDB"]["backfill a task"], CALLS["DynamoDB"]["put a task once"]],
    ids=["backfill", "idempotency key"],
)
def test_a_service_that_fails_after_a_lost_race_is_named_as_well(call: Call) -> None:
    with pytest.raises(ServiceUnavailable, match=r"^DynamoDB is unavailable: SlowDown$"):
        call(Raced("SlowDown"))


def test_a_task_that_others_keep_writing_is_named() -> None:
    client = Raced("", get_item={"Item": OLDER})
    with pytest.raises(ServiceUnavailable, match=f"^others keep writing the task {TASK.task_id}$"):
        TaskTable(client, "tasks", 1).backfill(OLDER)
