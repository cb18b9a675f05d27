"""Stream records that are too large for a dead letter are parked whole, and block nothing."""

import json
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators.dead_letters import DeadLetter, describe, read, reason_of
from scripts.operators.redrive import redrive
from scripts.operators.tap import Tap
from services.adapters.sqs import PREFIX
from tests.harness.builders import a_task
from tests.harness.deliveries import stream_record
from tests.harness.faults import dead_letters
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

LARGE = 300_000
# Seconds, on any machine. If the record could not be parked, the event would be delayed by half a day.
SOON = 120


@pytest.fixture
def target(stack: DeployedStack) -> Target:
    return Target(stack.outputs, stack.client)


def wait_for_event(bus: Tap, task_id: str, within: float) -> None:
    """Waits until an event of the task has arrived."""
    eventually(lambda: any(event.detail["taskId"] == task_id for event in bus.receive()), "its event", within)


def the_parked(stack: DeployedStack, target: Target) -> DeadLetter:
    eventually(lambda: dead_letters(stack, "relay") == 1, "a parked record")
    (letter,) = read(target, "relay")
    return letter


def taken_away(stack: DeployedStack, letter: DeadLetter) -> None:
    stack.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def test_a_record_larger_than_a_message_is_parked_whole_and_the_next_event_arrives_at_once(
    stack: DeployedStack, target: Target, api: httpx.Client, bus: Tap, tell: Callable[[str], None]
) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.outputs["table_names"]["tasks"]
    item = {"taskId": {"S": uuid4().hex}, "title": {"N": "7"}, "blob": {"S": "x" * LARGE}}
    started = time.monotonic()

    # An item that is no task, whose record exceeds a message, then a task.
    dynamodb.put_item(TableName=table, Item=item)
    task = api.post("/tasks", json={"title": "behind it", "userId": "ada"}).json()

    wait_for_event(bus, task["taskId"], SOON)
    tell(f"a task behind a record of {LARGE} bytes: its event came after {time.monotonic() - started:.1f} s")

    # The record is parked with its reason, its key and the place of the whole record.
    letter = the_parked(stack, target)
    shown = describe(letter, reason_of(target, letter)).plain
    assert "unreadable task" in shown
    assert item["taskId"]["S"] in shown
    body = json.loads(letter.body)
    found = stack.client("s3").get_object(Bucket=stack.outputs["archive_bucket"], Key=body["wholeRecord"])
    assert json.loads(found["Body"].read())["dynamodb"]["NewImage"] == item

    # The relay receives it again from there; still unreadable, it is parked again.
    assert redrive(target, letter)
    again = the_parked(stack, target)
    assert json.loads(again.body)["wholeRecord"] == body["wholeRecord"]

    taken_away(stack, again)
    dynamodb.delete_item(TableName=table, Key={"taskId": item["taskId"]})
    taken_away(stack, the_parked(stack, target))


def test_a_redrive_publishes_a_parked_record_once_its_cause_is_fixed(
    stack: DeployedStack, target: Target, bus: Tap
) -> None:
    # A task's record, parked for a reason that is gone, with an attribute that makes it large.
    task = a_task()
    record = stream_record(None, task)
    record["dynamodb"]["NewImage"]["blob"] = {"S": "x" * LARGE}
    key = f"{PREFIX}{uuid4().hex}.json"
    stack.client("s3").put_object(
        Bucket=stack.outputs["archive_bucket"], Key=key, Body=json.dumps(record).encode()
    )
    message = json.dumps({"wholeRecord": key, "bytes": LARGE, "beginning": "{"})
    url = stack.outputs["dead_letter_queue_urls"]["relay"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=message)

    assert redrive(target, the_parked(stack, target))

    wait_for_event(bus, task.task_id, SOON)
    assert dead_letters(stack, "relay") == 0


@pytest.mark.parametrize("key", [None, f"{PREFIX}expired.json", "tasks/2026/01/31/other.json"])
def test_a_dead_letter_without_its_parked_record_is_not_redriven(
    stack: DeployedStack, target: Target, key: str | None
) -> None:
    url = stack.outputs["dead_letter_queue_urls"]["relay"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"wholeRecord": key, "bytes": 1}))
    letter = the_parked(stack, target)

    assert not redrive(target, letter)
    taken_away(stack, letter)
