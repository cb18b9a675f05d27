"""No event is lost and none is counted twice, whatever fails for a while."""

import json
from uuid import uuid4

import httpx
import pytest

from load.books import imbalances
from scripts.base.functions import QueueTrigger, function_map
from scripts.deployments.target import Target
from scripts.operators.dead_letters import read, reason_of, release
from scripts.operators.redrive import redrive
from scripts.operators.tap import Tap
from tests.harness.faults import dead_letters, denied, quick_retries, settled
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually
from tests.harness.writer import Writer

enforced = pytest.mark.requires("iam_enforcement")
# Queue → the types of the events that its rule sends there.
DETAIL_TYPES = {
    function.trigger.queue: function.trigger.detail_types
    for function in function_map().values()
    if isinstance(function.trigger, QueueTrigger)
}


@pytest.fixture
def target(stack: DeployedStack) -> Target:
    return Target(stack.outputs, stack.client)


@pytest.fixture
def writer(api: httpx.Client) -> Writer:
    return Writer(api)


def receive_all(bus: Tap, writer: Writer, deadline: float = 120) -> None:
    """Receives from the bus until every event of the books has arrived."""
    books = writer.books

    def complete() -> bool:
        for event in bus.receive():
            books.receive(event.detail_type, event.detail)
        return not books.lost

    eventually(complete, f"{len(books.written)} events", deadline)


def balanced(writer: Writer, deadline: float = 120) -> None:
    """Waits until the statistics agree with the books."""
    totals = writer.books.totals()
    eventually(lambda: writer.reported_totals() == totals, f"totals {totals}", deadline)


def redrive_all(target: Target) -> int:
    """What `make redrive` does; how many it moved."""
    letters = [letter for queue in target.outputs["dead_letter_queue_urls"] for letter in read(target, queue)]
    assert all(redrive(target, letter) for letter in letters)
    return len(letters)


@enforced
def test_no_event_is_lost_while_the_bus_refuses_events(
    stack: DeployedStack, bus: Tap, writer: Writer
) -> None:
    with denied(stack, "relay", "events:PutEvents"):
        writer.live_many(range(6))
        assert writer.reported_totals() != writer.books.totals()

    receive_all(bus, writer)

    assert writer.books.unexplained == []
    assert writer.books.repeats == 0
    balanced(writer)
    assert dead_letters(stack, "relay") == 0


@enforced
@pytest.mark.parametrize(
    ("function", "queue", "action"),
    [
        ("on_created", "created", "dynamodb:*"),
        ("on_completed", "completed", "s3:PutObject"),
    ],
)
def test_a_reaction_that_failed_catches_up_after_a_redrive(
    stack: DeployedStack, target: Target, writer: Writer, function: str, queue: str, action: str
) -> None:
    with quick_retries(stack, queue):
        with denied(stack, function, action):
            writer.live_many(range(4))
            expected = len(writer.completed) if queue == "completed" else 4
            eventually(lambda: dead_letters(stack, queue) == expected, f"{expected} dead letters")
        letters = list(read(target, queue))
        assert all("AccessDenied" in reason_of(target, letter) for letter in letters)
        release(target, letters)
        assert redrive_all(target) == expected
        settled(stack)

    balanced(writer)
    assert dead_letters(stack, queue) == 0
    bucket = stack.outputs["archive_bucket"]
    for task in writer.completed.values():
        key = f"tasks/{task['updatedAt'][:10].replace('-', '/')}/{task['taskId']}.json"
        assert stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 1


@pytest.mark.parametrize("queue", DETAIL_TYPES)
def test_unreadable_messages_become_dead_letters_and_block_nothing(
    stack: DeployedStack, target: Target, writer: Writer, queue: str
) -> None:
    sqs, url = stack.client("sqs"), stack.outputs["queue_urls"][queue]
    poison = [
        "no json",
        json.dumps({"detail-type": "TaskMoved", "detail": {}}),
        json.dumps(
            {
                "detail-type": DETAIL_TYPES[queue][0],
                "detail": {"schemaVersion": "1.0", "eventId": 7},
            }
        ),
    ]
    with quick_retries(stack, queue):
        for body in poison:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        writer.live_many(range(3))
        balanced(writer)
        eventually(lambda: dead_letters(stack, queue) == len(poison), "dead letters")
        settled(stack)

    letters = list(read(target, queue))
    reasons = {letter.body: reason_of(target, letter) for letter in letters}
    assert set(reasons) == set(poison)
    assert all("UnreadableEvent" in reason for reason in reasons.values()), reasons
    for letter in letters:
        sqs.delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def test_an_unreadable_record_is_parked_with_its_reason_and_blocks_nothing(
    stack: DeployedStack, target: Target, writer: Writer
) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.outputs["table_names"]["tasks"]
    task_id = uuid4().hex

    dynamodb.put_item(TableName=table, Item={"taskId": {"S": task_id}, "title": {"N": "7"}})
    writer.live_many(range(3))
    balanced(writer)

    eventually(lambda: dead_letters(stack, "relay") == 1, "a parked record")
    (letter,) = read(target, "relay")
    assert json.loads(letter.body)["dynamodb"]["Keys"] == {"taskId": {"S": task_id}}
    assert "unreadable task" in reason_of(target, letter)
    stack.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    dynamodb.delete_item(TableName=table, Key={"taskId": {"S": task_id}})
    eventually(lambda: dead_letters(stack, "relay") == 1, "its removal, parked too")
    (letter,) = read(target, "relay")
    stack.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def test_duplicate_and_unordered_events_are_counted_once(
    stack: DeployedStack, bus: Tap, writer: Writer
) -> None:
    writer.live_many(range(6))
    details: dict[str, tuple[str, str]] = {}

    def collected() -> bool:
        for event in bus.receive():
            if event.detail["userId"] in writer.users:
                details[event.detail["eventId"]] = (event.detail_type, json.dumps(event.detail))
        return len(details) == len(writer.books.written)

    eventually(collected, "all events")
    balanced(writer)
    entries = [
        {
            "EventBusName": stack.outputs["event_bus_name"],
            "Source": "task-manager",
            "DetailType": detail_type,
            "Detail": detail,
        }
        for detail_type, detail in reversed(details.values())
    ]
    events = stack.client("events")
    for _ in range(2):
        for start in range(0, len(entries), 10):
            assert events.put_events(Entries=entries[start : start + 10])["FailedEntryCount"] == 0
    settled(stack)

    assert writer.reported_totals() == writer.books.totals()
    assert all(dead_letters(stack, queue) == 0 for queue in DETAIL_TYPES)


@enforced
def test_totals_are_right_after_a_thousand_writes_under_faults(
    stack: DeployedStack, target: Target, bus: Tap, writer: Writer
) -> None:
    """Every fault at once, in a burst of writes; afterwards nothing is missing and nothing counts twice."""
    lives = 207  # of about five writes each
    with quick_retries(stack, *DETAIL_TYPES, seconds=3):
        with denied(stack, "relay", "events:PutEvents"):
            writer.live_many(range(lives // 3))
        with denied(stack, "on_created", "dynamodb:*"), denied(stack, "on_completed", "s3:PutObject"):
            for queue in DETAIL_TYPES:
                url = stack.outputs["queue_urls"][queue]
                stack.client("sqs").send_message(QueueUrl=url, MessageBody="poison")
            writer.live_many(range(lives // 3, 2 * lives // 3))
            eventually(lambda: dead_letters(stack, "created") > 1, "dead letters", 180)
        writer.live_many(range(2 * lives // 3, lives))
        receive_all(bus, writer, 300)
        settled(stack, 300)
        poison = discard_poison(target)
        moved = redrive_all(target)
        settled(stack, 300)
        balanced(writer, 300)

    writes = next(writer.writes)
    assert writes >= 1000
    assert imbalances(writer.books, writer.reported_totals(), dead_letters_by_queue(stack)) == []
    assert poison == len(DETAIL_TYPES)
    assert archived(stack, writer) == len(writer.completed)
    received = len(writer.books.received)
    print(
        f"\n{writes} writes, {received} events received, {moved} redriven, {len(writer.completed)} archived"
    )


def dead_letters_by_queue(stack: DeployedStack) -> dict[str, int]:
    return {queue: dead_letters(stack, queue) for queue in stack.outputs["dead_letter_queue_urls"]}


def discard_poison(target: Target) -> int:
    """Removes the poison from the dead-letter queues; how much there was."""
    found = 0
    for queue in DETAIL_TYPES:
        letters = list(read(target, queue))
        poison = [letter for letter in letters if letter.body == "poison"]
        for letter in poison:
            target.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
        release(target, [letter for letter in letters if letter not in poison])
        found += len(poison)
    return found


def archived(stack: DeployedStack, writer: Writer) -> int:
    """How many of the writer's completed tasks the archive holds."""
    pages = (
        stack.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=stack.outputs["archive_bucket"], Prefix="tasks/")
    )
    keys = {entry["Key"].rpartition("/")[2] for page in pages for entry in page.get("Contents", [])}
    return len(keys & {f"{task_id}.json" for task_id in writer.completed})
