"""No event is lost and none is counted twice, whatever fails for a while."""

import json
import time
from statistics import quantiles
from uuid import uuid4

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators.dead_letters import read, reason_of, release
from scripts.operators.redrive import redrive
from scripts.operators.tap import Tap
from tests.harness.faults import dead_letters, denied, depth, quick_retries, settled
from tests.harness.ledger import EventKey, Ledger
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

enforced = pytest.mark.requires("iam_enforcement")
REACTIONS = ("created", "updated", "completed", "deleted")


@pytest.fixture
def target(stack: DeployedStack) -> Target:
    return Target(stack.outputs, stack.client)


@pytest.fixture
def ledger(api: httpx.Client) -> Ledger:
    return Ledger(api)


def receive_all(bus: Tap, ledger: Ledger, deadline: float = 120) -> dict[str, EventKey]:
    """Waits until every expected event has arrived; event id → event."""
    heard: dict[str, EventKey] = {}

    def complete() -> bool:
        for event in bus.listen():
            if event.detail["userId"] in ledger.users:
                key = (event.detail_type, event.detail["taskId"], event.detail["version"])
                assert heard.setdefault(event.detail["eventId"], key) == key
        return set(heard.values()) >= ledger.events

    eventually(complete, f"receiving {len(ledger.events)} events", deadline)
    return heard


def balanced(ledger: Ledger, deadline: float = 120) -> None:
    """Waits until the statistics match the ledger."""
    eventually(lambda: ledger.reported_totals() == ledger.totals(), f"totals {ledger.totals()}", deadline)


def redrive_all(target: Target) -> int:
    """Redrives all dead letters, as `make redrive` does; how many there were."""
    letters = [letter for queue in target.outputs["dead_letter_queue_urls"] for letter in read(target, queue)]
    assert all(redrive(target, letter) for letter in letters)
    return len(letters)


@enforced
def test_no_event_is_lost_while_the_bus_refuses_events(
    stack: DeployedStack, bus: Tap, ledger: Ledger
) -> None:
    with denied(stack, "relay", "events:PutEvents"):
        ledger.live_many(range(6))
        assert ledger.reported_totals() != ledger.totals()

    heard = receive_all(bus, ledger)

    assert set(heard.values()) == ledger.events
    assert len(heard) == len(ledger.events)
    balanced(ledger)
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
    stack: DeployedStack, target: Target, ledger: Ledger, function: str, queue: str, action: str
) -> None:
    with quick_retries(stack, queue):
        with denied(stack, function, action):
            ledger.live_many(range(4))
            expected = len(ledger.completed) if queue == "completed" else 4
            eventually(lambda: dead_letters(stack, queue) == expected, f"{expected} dead letters")

        letters = list(read(target, queue))
        assert all("AccessDenied" in reason_of(target, letter) for letter in letters)
        release(target, letters)

        assert redrive_all(target) == expected
        settled(stack)

    balanced(ledger)
    assert dead_letters(stack, queue) == 0
    bucket = stack.outputs["archive_bucket"]
    for task in ledger.completed.values():
        key = f"tasks/{task['updatedAt'][:10].replace('-', '/')}/{task['taskId']}.json"
        assert stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 1


@pytest.mark.parametrize("queue", REACTIONS)
def test_unreadable_messages_become_dead_letters_and_block_nothing(
    stack: DeployedStack, target: Target, ledger: Ledger, queue: str
) -> None:
    sqs, url = stack.client("sqs"), stack.outputs["queue_urls"][queue]
    poison = [
        "no json",
        json.dumps({"detail-type": "TaskMoved", "detail": {}}),
        json.dumps(
            {
                "detail-type": {
                    "created": "TaskCreated",
                    "updated": "TaskUpdated",
                    "completed": "TaskCompleted",
                    "deleted": "TaskDeleted",
                }[queue],
                "detail": {"schemaVersion": "1.0", "eventId": 7},
            }
        ),
    ]

    with quick_retries(stack, queue):
        for body in poison:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        ledger.live_many(range(3))
        balanced(ledger)
        eventually(lambda: dead_letters(stack, queue) == len(poison), "dead letters")
        settled(stack)

    letters = list(read(target, queue))
    reasons = {letter.body: reason_of(target, letter) for letter in letters}
    assert set(reasons) == set(poison)
    assert all("UnreadableEvent" in reason for reason in reasons.values()), reasons

    for letter in letters:
        sqs.delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def test_an_unreadable_record_is_parked_with_its_reason_and_blocks_nothing(
    stack: DeployedStack, target: Target, ledger: Ledger
) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.outputs["table_names"]["tasks"]
    task_id = uuid4().hex

    dynamodb.put_item(TableName=table, Item={"taskId": {"S": task_id}, "title": {"N": "7"}})
    ledger.live_many(range(3))
    balanced(ledger)

    eventually(lambda: dead_letters(stack, "relay") == 1, "a parked record")
    (letter,) = read(target, "relay")
    assert json.loads(letter.body)["dynamodb"]["Keys"] == {"taskId": {"S": task_id}}
    assert "not a" in reason_of(target, letter)

    stack.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    dynamodb.delete_item(TableName=table, Key={"taskId": {"S": task_id}})
    eventually(lambda: dead_letters(stack, "relay") == 1, "its removal, parked too")
    (letter,) = read(target, "relay")
    stack.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def test_duplicate_and_unordered_events_are_counted_once(
    stack: DeployedStack, bus: Tap, ledger: Ledger
) -> None:
    ledger.live_many(range(6))
    details: dict[str, tuple[str, str]] = {}

    def collected() -> bool:
        for event in bus.listen():
            if event.detail["userId"] in ledger.users:
                details[event.detail["eventId"]] = (event.detail_type, json.dumps(event.detail))
        return len(details) == len(ledger.events)

    eventually(collected, "all events")
    balanced(ledger)
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

    assert ledger.reported_totals() == ledger.totals()
    assert all(dead_letters(stack, queue) == 0 for queue in REACTIONS)


@enforced
def test_totals_are_right_after_a_thousand_writes_under_faults(
    stack: DeployedStack, target: Target, bus: Tap, ledger: Ledger
) -> None:
    """Every fault at once, in a burst of writes; afterwards nothing is missing and nothing counts twice."""
    lives = 207  # of about five writes each

    with quick_retries(stack, *REACTIONS, seconds=3):
        with denied(stack, "relay", "events:PutEvents"):
            ledger.live_many(range(lives // 3))
        with denied(stack, "on_created", "dynamodb:*"), denied(stack, "on_completed", "s3:PutObject"):
            for queue in REACTIONS:
                url = stack.outputs["queue_urls"][queue]
                stack.client("sqs").send_message(QueueUrl=url, MessageBody="poison")
            ledger.live_many(range(lives // 3, 2 * lives // 3))
            eventually(lambda: dead_letters(stack, "created") > 1, "dead letters", 180)
        ledger.live_many(range(2 * lives // 3, lives))
        heard = receive_all(bus, ledger, 300)
        settled(stack, 300)
        poison = discard_poison(target)
        moved = redrive_all(target)
        settled(stack, 300)
        balanced(ledger, 300)

    writes = next(ledger.writes)
    assert writes >= 1000
    assert set(heard.values()) == ledger.events
    assert len(heard) == len(ledger.events), "one id an event"
    assert poison == len(REACTIONS)
    assert all(dead_letters(stack, queue) == 0 for queue in stack.outputs["dead_letter_queue_urls"])
    assert archived(stack, ledger) == len(ledger.completed)

    print(f"\n{writes} writes, {len(heard)} events heard of {len(ledger.events)}, {moved} redriven,", end=" ")
    print(f"{sum(created for created, _ in ledger.totals().values())} created and", end=" ")
    print(f"{len(ledger.completed)} completed counted and archived, 0 dead letters")


def test_a_created_task_is_counted_within_seconds(stack: DeployedStack, api: httpx.Client) -> None:
    """Measured from the answer to POST until the reaction has counted the task."""
    user = f"lag-{uuid4().hex[:12]}"
    lags = []

    for number in range(1, 31):
        api.post("/tasks", json={"title": "a", "userId": user}).raise_for_status()
        started = time.perf_counter()
        eventually(
            lambda number=number: api.get(f"/users/{user}/stats").json()["created"] == number,  # type: ignore[misc]
            "the count",
        )
        lags.append(time.perf_counter() - started)

    cuts = quantiles(lags, n=20)
    print(f"\ncreate → counted: p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms")
    assert cuts[18] < 10
    assert depth(stack, "created") == 0


def discard_poison(target: Target) -> int:
    """Removes the unreadable messages from the dead-letter queues; how many there were."""
    found = 0
    for queue in REACTIONS:
        letters = list(read(target, queue))
        poison = [letter for letter in letters if letter.body == "poison"]
        for letter in poison:
            target.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
        release(target, [letter for letter in letters if letter not in poison])
        found += len(poison)
    return found


def archived(stack: DeployedStack, ledger: Ledger) -> int:
    """How many of the ledger's completed tasks the archive holds."""
    pages = (
        stack.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=stack.outputs["archive_bucket"], Prefix="tasks/")
    )
    keys = {entry["Key"].rpartition("/")[2] for page in pages for entry in page.get("Contents", [])}
    return len(keys & {f"{task_id}.json" for task_id in ledger.completed})
