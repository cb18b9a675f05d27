"""Each write publishes its events, by way of the table's stream, and their effects follow."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import jsonschema
import pytest

from scripts.base.loopback import http_client
from scripts.base.paths import ROOT
from scripts.deployments.aws.versions import ALIAS
from scripts.operators.tap import ReceivedEvent, Tap
from tests.harness.approvals import Approvals
from tests.harness.deliveries import TIME_TO_LIVE
from tests.harness.inbox import subscribed
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually, until


@pytest.fixture
def user() -> str:
    return f"events-{uuid4().hex[:12]}"


def receive(bus: Tap, task_id: str, *types: str) -> dict[str, dict[str, Any]]:
    """Waits until all these events of the task have arrived; detail type → detail."""
    return {event.detail_type: event.detail for event in receive_all(bus, task_id, *types)}


def receive_all(bus: Tap, task_id: str, *types: str) -> list[ReceivedEvent]:
    """Waits until events of all these types of the task have arrived; every event until then."""
    received: list[ReceivedEvent] = []

    def all_received() -> bool:
        received.extend(event for event in bus.receive() if event.detail["taskId"] == task_id)
        return {event.detail_type for event in received} >= set(types)

    eventually(all_received, f"receiving {types}")
    return received


def test_each_write_publishes_its_events(api: httpx.Client, bus: Tap, user: str) -> None:
    headers = {"X-Correlation-Id": f"test-{user}"}
    task = api.post("/tasks", json={"title": "a", "userId": user}, headers=headers).json()
    path = f"/tasks/{task['taskId']}"

    created = receive(bus, task["taskId"], "TaskCreated")["TaskCreated"]
    assert created["task"] == task
    assert created["version"] == 1
    assert created["changes"] == {}
    assert created["correlationId"] == f"test-{user}"

    done = api.put(path, json={"status": "completed"}).json()
    events = receive(bus, task["taskId"], "TaskUpdated", "TaskCompleted")
    assert set(events) == {"TaskUpdated", "TaskCompleted"}
    assert events["TaskUpdated"]["changes"] == {"status": {"old": "pending", "new": "completed"}}
    assert events["TaskCompleted"]["task"] == done
    assert len({event["eventId"] for event in [created, *events.values()]}) == 3

    api.delete(path, headers={"X-Correlation-Id": f"end-{user}"})
    deleted = receive(bus, task["taskId"], "TaskDeleted")
    assert set(deleted) == {"TaskDeleted"}, "noting the cause of a deletion is no event"
    assert (deleted["TaskDeleted"]["version"], deleted["TaskDeleted"]["correlationId"]) == (3, f"end-{user}")


def end_of_life(stack: DeployedStack, task_id: str) -> None:
    """Invokes the relay with the record of a removal by the time to live: local clouds write none."""
    table, key = stack.outputs["table_names"]["tasks"], {"taskId": {"S": task_id}}
    item = stack.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    change = {"Keys": key, "OldImage": item, "ApproximateCreationDateTime": time.time()}
    record = {
        "eventID": uuid4().hex,
        "eventName": "REMOVE",
        "eventSource": "aws:dynamodb",
        "dynamodb": change | {"SequenceNumber": "1"},
        "eventSourceARN": f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/now",
        "userIdentity": TIME_TO_LIVE,
    }
    stack.client("lambda").invoke(
        FunctionName=stack.outputs["function_names"]["relay"],
        Qualifier=ALIAS,
        Payload=json.dumps({"Records": [record]}),
    )


# What is done to a task of high priority, by the type of the event that follows.
CAUSES: dict[str, Callable[[Approvals, DeployedStack, str], object]] = {
    "TaskCreated": lambda approvals, stack, task_id: None,
    "TaskUpdated": lambda approvals, stack, task_id: approvals.edit(task_id, title="Another"),
    "TaskCompleted": lambda approvals, stack, task_id: (
        approvals.decide(task_id),
        approvals.ended(task_id),
        approvals.edit(task_id, status="completed"),
    ),
    "TaskDeleted": lambda approvals, stack, task_id: approvals.delete(task_id),
    "TaskExpired": lambda approvals, stack, task_id: end_of_life(stack, task_id),
    "TaskApproved": lambda approvals, stack, task_id: approvals.decide(task_id),
    "TaskRejected": lambda approvals, stack, task_id: approvals.decide(task_id, "reject"),
}


@pytest.mark.parametrize("detail_type", CAUSES)
def test_every_type_of_event_is_published_and_fits_its_schema(
    stack: DeployedStack, api: httpx.Client, bus: Tap, detail_type: str
) -> None:
    approvals = Approvals(stack, api, bus)
    task_id = approvals.request()
    approvals.waits(task_id)

    CAUSES[detail_type](approvals, stack, task_id)

    published = receive(bus, task_id, detail_type)[detail_type]
    schema = json.loads((ROOT / f"docs/events/{detail_type}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(published, schema)


def test_a_write_that_changes_nothing_publishes_no_event(api: httpx.Client, bus: Tap, user: str) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    path = f"/tasks/{task['taskId']}"

    api.put(path, json={"title": "a"})
    api.put(path, json={"title": "b"})

    events = receive_all(bus, task["taskId"], "TaskCreated", "TaskUpdated")
    published = {(event.detail_type, event.detail["version"]) for event in events}
    assert published == {("TaskCreated", 1), ("TaskUpdated", 2)}
    assert api.get(path).json()["version"] == 2


def test_statistics_count_created_and_completed_tasks(api: httpx.Client, user: str) -> None:
    tasks = [api.post("/tasks", json={"title": "a", "userId": user}).json() for _ in range(3)]
    done = [api.put(f"/tasks/{t['taskId']}", json={"status": "completed"}).json() for t in tasks[:2]]

    def totals() -> dict[str, Any]:
        return dict(api.get(f"/users/{user}/stats").json())

    found = until(totals, lambda now: (now["created"], now["completed"]) == (3, 2), "3 created, 2 completed")
    assert found["lastCompletedAt"] == max(task["updatedAt"] for task in done)
    assert found["averageCompletionSeconds"] >= 0


def test_a_completed_task_is_archived_and_given_an_expiry(
    stack: DeployedStack, api: httpx.Client, user: str
) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    done = api.put(f"/tasks/{task['taskId']}", json={"status": "completed"}).json()
    key = f"tasks/{done['updatedAt'][:10].replace('-', '/')}/{task['taskId']}.json"
    s3, dynamodb = stack.client("s3"), stack.client("dynamodb")

    def archived() -> str | None:
        found = s3.list_objects_v2(Bucket=stack.outputs["archive_bucket"], Prefix=key).get("Contents", [])
        return key if found else None

    eventually(archived, "the archive")
    content = s3.get_object(Bucket=stack.outputs["archive_bucket"], Key=key)["Body"].read()
    assert json.loads(content) == done

    def expiry() -> int:
        table, item_key = stack.outputs["table_names"]["tasks"], {"taskId": {"S": task["taskId"]}}
        item = dynamodb.get_item(TableName=table, Key=item_key, ConsistentRead=True)["Item"]
        return int(item.get("expiresAt", {}).get("N", "0"))

    assert eventually(expiry, "an expiry") > 0
    assert api.get(f"/tasks/{task['taskId']}").json() == done, "expiry is no new version"


@pytest.mark.requires("time_to_live_records")
def test_a_task_removed_by_time_to_live_publishes_task_expired(
    stack: DeployedStack, api: httpx.Client, bus: Tap, user: str
) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": user}).json()
    receive(bus, task["taskId"], "TaskCreated")

    stack.client("dynamodb").update_item(
        TableName=stack.outputs["table_names"]["tasks"],
        Key={"taskId": {"S": task["taskId"]}},
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": {"N": "1700000000"}},
    )
    http_client(stack.endpoint).delete("/_aws/dynamodb/expired").raise_for_status()

    expired = receive(bus, task["taskId"], "TaskExpired")
    assert set(expired) == {"TaskExpired"}
    assert expired["TaskExpired"]["task"] == task


def test_the_correlation_id_reaches_the_reactions_log(
    stack: DeployedStack, api: httpx.Client, user: str
) -> None:
    correlation_id, since = f"log-{user}", int((time.time() - 60) * 1000)
    api.post("/tasks", json={"title": "a", "userId": user}, headers={"X-Correlation-Id": correlation_id})
    logs = stack.client("logs")

    def logged(function: str) -> list[dict[str, Any]]:
        group = f"/aws/lambda/{stack.outputs['function_names'][function]}"
        # On AWS a page may be empty although later ones hold matching lines.
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern=f'"{correlation_id}"', startTime=since
        )
        found = [event for page in pages for event in page["events"]]
        # LocalStack does not filter.
        lines = [event["message"] for event in found if correlation_id in event["message"]]
        return [json.loads(line[line.index("{") :]) for line in lines]

    for function, message in (
        ("create_task", "POST /tasks"),
        ("relay", "relayed"),
        ("on_created", "reacted"),
    ):
        lines = eventually(lambda function=function: logged(function), f"{function}'s log")  # type: ignore[misc]
        assert message in [line["message"] for line in lines]


def test_notifications_carry_the_event(stack: DeployedStack, api: httpx.Client, user: str) -> None:
    with subscribed(stack, stack.outputs["notifications_topic_arn"]) as inbox:
        task = api.post("/tasks", json={"title": "a", "userId": user}).json()

        def notified() -> dict[str, Any] | None:
            return next((event for event in inbox.read() if event["taskId"] == task["taskId"]), None)

        assert eventually(notified, "a notification")["eventId"]
