"""Every size limit that AWS sets on what we send, beside the largest that we send.

The API bounds what people enter; only DynamoDB bounds what was written to a table by other means.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_to_item
from services.adapters.dynamodb.wire import item_to_wire
from services.adapters.eventbridge import MAX_EVENT_BYTES, EventBridgeBus
from services.adapters.sns import NotificationTopic
from services.adapters.sqs import DeadLetterQueue
from services.adapters.step_functions import ApprovalStateMachine
from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.feed import entry_of
from services.core.moments import timestamp
from services.core.ports import IdempotencyRecord
from services.core.task import Approval, Task
from services.core.verdicts import Verdict
from tests.harness.builders import a_task, the_largest_change
from tests.harness.deliveries import envelope, stream_record
from tests.harness.fakes import NOON, FakeServices
from tests.harness.gateway import gateway_client

KIB = 1024
DOCS = "https://docs.aws.amazon.com"


class Limit(NamedTuple):
    """A limit in bytes, where AWS says so, and when that was read."""

    most: int
    source: str
    read_on: str = "2026-11-25"


ENTRY = Limit(256 * KIB, f"{DOCS}/eventbridge/latest/userguide/eb-putevents.html (1 MB since 2026-01-29)")
MESSAGE = Limit(
    256 * KIB, f"{DOCS}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html (as Terraform sets it)"
)
PUBLISHED = Limit(256 * KIB, f"{DOCS}/sns/latest/dg/large-message-payloads.html (a topic's default)")
ITEM = Limit(400 * KIB, f"{DOCS}/amazondynamodb/latest/developerguide/Constraints.html")
STATE = Limit(256 * KIB, f"{DOCS}/step-functions/latest/dg/service-quotas.html")
ANSWER = Limit(6 * KIB * KIB, f"{DOCS}/lambda/latest/dg/gettingstarted-limits.html")
LINE = Limit(256 * KIB, f"{DOCS}/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html (1 MB since 2025)")

LARGEST = the_largest_change()
# Written past the API: it fits an item and its event is published, but no notification.
PAST_THE_API = a_task(title="🌍" * 10_000, description="🌍" * 50_000)


class Recorder:
    """A client of any service that records each request and answers with success."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, _operation: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            self.requests.append(request)
            return {"FailedEntryCount": 0}

        return call


def sent(*use: Callable[[Any], object]) -> dict[str, Any]:
    """The one request that follows from using a client."""
    client = Recorder()
    for step in use:
        step(client)
    (request,) = client.requests
    return request


def in_bytes(text: str) -> int:
    return len(text.encode())


def created(task: Task) -> TaskEvent:
    return events_of(Write(None, task, "x" * 128, task.updated_at))[0]


def entry(event: TaskEvent) -> int:
    (put,) = sent(lambda client: EventBridgeBus(client, "bus").publish([event]))["Entries"]
    return in_bytes(put["Detail"] + put["DetailType"] + put["Source"])


def message_of(event: TaskEvent) -> int:
    return in_bytes(json.dumps(envelope(event), ensure_ascii=False))


def published(event: TaskEvent) -> int:
    request = sent(lambda client: NotificationTopic(client, "topic").notify("Task in progress", event))
    return in_bytes(request["Message"]) + in_bytes(json.dumps(request["MessageAttributes"]))


def parked(size: int) -> int:
    record = stream_record(None, a_task(description="\x00" * size), "x")

    class Bucket:
        def keep(self, key: str, content: str) -> None:
            """Accepts anything: an object has up to 5 TB."""

    request = sent(lambda client: DeadLetterQueue(client, "queue", Bucket).park(record, "\x00" * size))  # type: ignore[arg-type]
    return in_bytes(request["MessageBody"]) + in_bytes(json.dumps(request["MessageAttributes"]))


def item(wire: Any) -> int:
    """The size of an attribute, rounded up. Source: DynamoDB's developer guide, CapacityUnitCalculations."""
    match wire:
        case {"M": fields}:
            return 3 + sum(in_bytes(name) + 1 + item(value) for name, value in fields.items())
        case {"L": elements}:
            return 3 + sum(1 + item(value) for value in elements)
        case {"S": text} | {"N": text}:
            return in_bytes(text) + 1
    return 1


def stored(fields: dict[str, Any]) -> int:
    return item({"M": fields})


def with_its_key(task: Task) -> int:
    record = IdempotencyRecord("x" * 400, "x" * 64, task, 2_000_000_000)
    writes = sent(lambda client: DynamoDBTaskStore(client, "tasks", "keys").put_new_once(record, 1, "x"))
    return max(stored(write["Put"]["Item"]) for write in writes["TransactItems"])


def in_the_feed(task: Task) -> int:
    request = sent(
        lambda client: DynamoDBFeedStore(client, "feed", 1, lambda: NOON).record(
            entry_of(created(task), NOON)
        )
    )
    return stored(request["Item"])


def verdict() -> Verdict:
    words = Approval(decision="reject", approver="x" * 255, reason="🌍" * 500, decided_at=timestamp(NOON))
    return Verdict(kind="decided", approval=words, correlation_id="x" * 128)


def delivered() -> int:
    return in_bytes(
        sent(lambda client: ApprovalStateMachine(client).deliver("x" * 2048, verdict()))["output"]
    )


def waiting() -> int:
    document = verdict().model_dump(mode="json", by_alias=True, exclude_none=True)
    return stored(item_to_wire({"taskId": "x" * 36, "taskToken": "x" * 2048, "verdict": document}))


def listed() -> int:
    """A page of the largest tasks, in characters that are escaped in the body and again in the answer."""
    services = FakeServices()
    for _ in range(100):
        of = "\x01"
        tags = tuple(f"{number:02}" + of * 48 for number in range(20))
        services.tasks.put_new(a_task(title=of * 200, description=of * 5000, tags=tags), "cause")
    answer = gateway_client(services).get("/tasks", params={"limit": 100})
    assert answer.json()["count"] == 100
    return in_bytes(json.dumps(answer.text, ensure_ascii=False))


@pytest.mark.parametrize(
    ("limit", "largest"),
    [
        (ENTRY, lambda: entry(LARGEST)),
        (ENTRY, lambda: entry(created(PAST_THE_API))),
        (MESSAGE, lambda: message_of(LARGEST)),
        (MESSAGE, lambda: message_of(created(PAST_THE_API))),
        (PUBLISHED, lambda: published(LARGEST)),
        (PUBLISHED, lambda: published(created(PAST_THE_API))),
        (MESSAGE, lambda: parked(100)),
        (MESSAGE, lambda: parked(42_000)),
        (MESSAGE, lambda: parked(400_000)),
        (ITEM, lambda: stored(task_to_item(LARGEST.task, "x" * 128))),
        (ITEM, lambda: with_its_key(LARGEST.task)),
        (ITEM, lambda: in_the_feed(a_task(title="🌍" * 100_000))),
        (ITEM, waiting),
        (STATE, delivered),
        (ANSWER, listed),
    ],
    ids=[
        "an event", "an event of a task written past the API", "a message of it", "a message of such a task",
        "a notification", "a notification of such a task", "a dead letter", "a dead letter near the limit",
        "a dead letter far beyond it", "a task", "a task with its idempotency key", "an entry of the feed",
        "an approval", "a verdict", "a page of tasks",
    ],
)  # fmt: skip
def test_the_largest_that_we_send_is_accepted(limit: Limit, largest: Callable[[], int]) -> None:
    assert 0 < largest() <= limit.most, f"{limit.source}, read on {limit.read_on}"


def test_an_event_that_is_too_large_is_not_sent() -> None:
    client = Recorder()
    event = created(a_task(description="x" * MAX_EVENT_BYTES))

    (refusal,) = EventBridgeBus(client, "bus").publish([event])

    assert client.requests == []
    assert f"at most {MAX_EVENT_BYTES}" in refusal.reason


def test_a_too_large_notification_names_its_event() -> None:
    event = created(PAST_THE_API)

    message = json.loads(
        sent(lambda client: NotificationTopic(client, "topic").notify("Task created", event))["Message"]
    )

    assert json.loads(message["default"]) == {
        "eventId": event.event_id,
        "detailType": "TaskCreated",
        "tooLarge": True,
    }
    assert event.task_id in message["email"]


def test_the_largest_change_by_the_api_is_notified_whole() -> None:
    request = sent(lambda client: NotificationTopic(client, "topic").notify("Task in progress", LARGEST))
    assert json.loads(json.loads(request["Message"])["default"]) == json.loads(LARGEST.as_json())
