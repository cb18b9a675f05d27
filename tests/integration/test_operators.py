"""The operators' commands, on the deployed stack: what they print and what they do."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import approvals, backfill, dead_letters, demo, redrive, trace
from scripts.operators.events import line
from scripts.operators.tap import Tap
from tests.harness.command_line import task_manager
from tests.harness.faults import dead_letters as number_of_dead_letters
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually


@pytest.fixture
def target(stack: DeployedStack, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The deployed stack, which every command is made to choose."""
    chosen = Target(stack.outputs, stack.client)
    for command in (approvals, backfill, dead_letters, demo, redrive, trace):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: chosen)
    monkeypatch.setenv("COLUMNS", "200")
    return chosen


def test_the_demo_shows_a_tasks_whole_life(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    task_manager("demo")
    printed = capsys.readouterr().out

    for part in ("TaskCreated", "TaskApproved", "TaskCompleted", "TaskDeleted", "archived: s3://", "counted"):
        assert part in printed
    assert re.search(r"⚡ TaskCreated after \d+ ms", printed)


def test_each_event_is_printed_on_one_line(api: httpx.Client, bus: Tap) -> None:
    user = f"operators-{uuid4().hex[:12]}"
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"})
    lines: list[str] = []

    def printed() -> bool:
        lines.extend(line(event).plain for event in bus.receive() if event.detail["userId"] == user)
        return len(lines) == 2

    eventually(printed, "two events")
    assert any("TaskCreated" in text for text in lines)
    assert any("status: pending → in_progress" in text for text in lines)
    assert all(re.match(r" *\d+ ms ", text) and task["taskId"] in text for text in lines)


def test_a_trace_is_printed_as_otlp_and_nothing_else(
    target: Target, api: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = api.post("/tasks", json={"title": "a", "userId": f"operators-{uuid4().hex[:12]}"})
    request = answer.headers["x-correlation-id"]

    def spans() -> list[dict[str, Any]]:
        task_manager("trace", "--id", request, "--format", "otlp")
        parts = json.loads(capsys.readouterr().out)["resourceSpans"]
        return [span for part in parts for scope in part["scopeSpans"] for span in scope["spans"]]

    def complete() -> bool:
        try:
            return {"record-event reacted", "on-created reacted"} <= {span["name"] for span in spans()}
        except Failure:  # no line can be read yet
            return False

    eventually(complete, "the spans of both reactions")
    assert {span["traceId"] for span in spans()} == {request}


def test_a_backfill_completes_a_task_and_publishes_nothing(
    target: Target, api: httpx.Client, bus: Tap, capsys: pytest.CaptureFixture[str]
) -> None:
    user = f"operators-{uuid4().hex[:12]}"
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    table, key = target.outputs["table_names"]["tasks"], {"taskId": {"S": task["taskId"]}}
    target.client("dynamodb").update_item(TableName=table, Key=key, UpdateExpression="REMOVE statusShard")

    task_manager("backfill", "--rate=1000")
    listed = api.get("/tasks", params={"status": "pending", "limit": 100}).json()["tasks"]
    answer = api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"}, headers={"If-Match": '"1"'})

    assert task in listed
    assert re.search(r"\d+ tasks read, [1-9]\d* written", capsys.readouterr().out)
    assert answer.status_code == 200, "the version is still the first"
    seen: list[str] = []

    def changed() -> bool:
        seen.extend(event.detail_type for event in bus.receive() if event.detail["userId"] == user)
        return {"TaskCreated", "TaskUpdated"} <= {*seen}

    eventually(changed, "the events of the task, in any order")
    assert sorted(seen) == ["TaskCreated", "TaskUpdated"]


@pytest.fixture
def approver() -> str:
    """Who decides, according to APPROVER or a token."""
    return "grace"


def test_approvals_are_listed_and_decided(
    target: Target, api: httpx.Client, approver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    user = f"operators-{uuid4().hex[:12]}"
    task = api.post("/tasks", json={"title": "Renew", "userId": user, "priority": "high"}).json()
    eventually(lambda: approvals.deadline_of(target, task["taskId"]), "the deadline")
    assert task["taskId"] in [pending["taskId"] for pending in approvals.pending(target)]
    assert approvals.deadline_of(target, task["taskId"]) > datetime.now(UTC)

    task_manager("approvals")
    listed = capsys.readouterr().out
    assert task["taskId"] in listed
    assert user in listed

    assert task_manager("reject") == 2
    assert "'--task'" in capsys.readouterr().err

    chosen = ["--task", task["taskId"], "--reason", "not this year", "--approver", "grace"]
    task_manager("reject", *chosen)
    path = f"/tasks/{task['taskId']}"
    eventually(lambda: api.get(path).json()["status"] == "rejected", "the rejection")
    approval = api.get(path).json()["approval"]
    assert (approval["approver"], approval["reason"]) == (approver, "not this year")
    with pytest.raises(Failure, match="409: No approval is pending"):
        task_manager("approve", *chosen)


def test_dead_letters_are_shown_and_moved_back(
    stack: DeployedStack, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    url = stack.outputs["dead_letter_queue_urls"]["updated"]
    sample = json.loads(Path("docs/events/TaskUpdated.sample.json").read_text(encoding="utf-8"))
    body = json.dumps({"detail-type": "TaskUpdated", "detail": sample})
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    task_manager("dead-letters")
    shown = capsys.readouterr().out
    assert "updated" in shown
    assert sample["taskId"] in shown
    assert "1 dead letters" in shown

    with pytest.raises(Failure, match="QUEUE is one of"):
        task_manager("redrive", "--queue", "nowhere")
    task_manager("redrive", "--queue", "updated")
    assert "Moved back: 1." in capsys.readouterr().out
    assert number_of_dead_letters(stack, "updated") == 0


def test_dead_letters_reports_empty_queues(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    task_manager("dead-letters")
    assert "No dead letters." in capsys.readouterr().out


def test_redrive_hands_a_parked_record_to_the_relay(stack: DeployedStack, target: Target) -> None:
    sqs, url = stack.client("sqs"), stack.outputs["dead_letter_queue_urls"]["relay"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"eventID": "1", "dynamodb": {"Keys": {}}}))
    (letter,) = dead_letters.read(target, "relay")

    assert redrive.redrive(target, letter)

    # It is still unreadable: the relay has parked it again, with the reason.
    (again,) = eventually(lambda: list(dead_letters.read(target, "relay")), "the record, parked anew")
    assert "not a record of a table's stream" in dead_letters.reason_of(target, again)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again.receipt)


def test_redrive_reads_a_batch_that_lambda_gave_up_from_the_stream(
    stack: DeployedStack, target: Target, api: httpx.Client, bus: Tap
) -> None:
    user = f"operators-{uuid4().hex[:8]}"
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    note = {"DDBStreamBatchInfo": place_in_stream(stack, task["taskId"])}
    sqs, url = stack.client("sqs"), stack.outputs["dead_letter_queue_urls"]["relay"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(note))
    (letter,) = dead_letters.read(target, "relay")

    assert redrive.redrive(target, letter)
    ids: list[str] = []

    def received_twice() -> bool:
        ids.extend(event.detail["eventId"] for event in bus.receive() if event.detail["userId"] == user)
        return len(ids) == 2

    eventually(received_twice, "the event, again")
    assert len(set(ids)) == 1
    assert number_of_dead_letters(stack, "relay") == 0


def place_in_stream(stack: DeployedStack, task_id: str) -> dict[str, Any]:
    """The place of a task's first record in the stream, as Lambda describes it."""
    streams = stack.client("dynamodbstreams")
    table = stack.client("dynamodb").describe_table(TableName=stack.outputs["table_names"]["tasks"])["Table"]
    for shard in streams.describe_stream(StreamArn=table["LatestStreamArn"])["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=table["LatestStreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (page := streams.get_records(ShardIterator=iterator))["Records"]:
            for record in records:
                if record["dynamodb"]["Keys"]["taskId"]["S"] == task_id:
                    return {
                        "streamArn": table["LatestStreamArn"],
                        "shardId": shard["ShardId"],
                        "startSequenceNumber": record["dynamodb"]["SequenceNumber"],
                        "batchSize": 1,
                    }
            iterator = page["NextShardIterator"]
    raise AssertionError(f"{task_id} is not in the stream")
