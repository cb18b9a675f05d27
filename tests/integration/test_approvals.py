"""The approval workflow, whole: from a high-priority task to its verdict, and through every fault.

After each: one decision, one TaskApproved or TaskRejected, the execution ended, nothing pending.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.tap import Tap, tap
from scripts.target import Target
from tests.integration.conftest import DeployedStack
from tests.integration.faults import denied, settled
from tests.integration.waiting import eventually

enforced = pytest.mark.requires("iam_enforcement")
VERDICTS = {"TaskApproved", "TaskRejected"}


@pytest.fixture(scope="module")
def bus(stack: DeployedStack) -> Iterator[Tap]:
    with tap(Target(stack.outputs, stack.client)) as opened:
        yield opened


class Approvals:
    """What the tests do and see of approvals."""

    def __init__(self, stack: DeployedStack, api: httpx.Client, bus: Tap) -> None:
        self.stack = stack
        self._api = api
        self._bus = bus
        self._sfn = stack.client("stepfunctions")
        self._heard: dict[str, tuple[str, str]] = {}

    def request(self, priority: str = "high") -> str:
        """A new task; its id."""
        body = {"title": "Renew", "userId": f"approvals-{uuid4().hex[:8]}", "priority": priority}
        answer = self._api.post("/tasks", json=body)
        return str(answer.raise_for_status().json()["taskId"])

    def decide(self, task_id: str, decision: str = "approve", approver: str = "grace") -> httpx.Response:
        return self._api.post(f"/tasks/{task_id}/approval", json={"decision": decision, "approver": approver})

    def task(self, task_id: str) -> dict[str, Any]:
        return dict(self._api.get(f"/tasks/{task_id}").json())

    def delete(self, task_id: str) -> None:
        self._api.delete(f"/tasks/{task_id}").raise_for_status()

    def raise_priority(self, task_id: str) -> dict[str, Any]:
        answer = self._api.put(f"/tasks/{task_id}", json={"priority": "high"})
        return dict(answer.raise_for_status().json())

    def item(self, task_id: str) -> dict[str, Any]:
        table = self.stack.outputs["approvals_table_name"]
        key = {"taskId": {"S": task_id}}
        answer = self.stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        return dict(answer.get("Item", {}))

    def execution(self, task_id: str, version: int = 1) -> str:
        machine = self.stack.outputs["approval_state_machine_arn"]
        return f"{machine.replace(':stateMachine:', ':execution:')}:{task_id}-{version}"

    def waits(self, task_id: str) -> None:
        """Waits until the workflow waits for a verdict on the task."""
        eventually(lambda: "taskToken" in self.item(task_id), "the token")

    def ended(self, task_id: str, version: int = 1) -> str:
        """Waits until the execution has ended; the last state that it came to."""
        arn = self.execution(task_id, version)

        def status() -> bool:
            return self._sfn.describe_execution(executionArn=arn)["status"] != "RUNNING"

        eventually(status, f"the end of {arn}", 90)
        assert self._sfn.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
        history = self._sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [
            event["stateEnteredEventDetails"]["name"]
            for event in history
            if "stateEnteredEventDetails" in event
        ]
        return str(entered[-1])

    def verdicts(self, task_id: str) -> list[str]:
        """TaskApproved and TaskRejected of the task that came by so far, each event once."""
        while heard := self._bus.listen():
            for event in heard:
                if event.detail_type in VERDICTS:
                    self._heard[event.detail["eventId"]] = (event.detail_type, event.detail["taskId"])
        return [kind for kind, of in self._heard.values() if of == task_id]

    def one_verdict(self, task_id: str, kind: str) -> None:
        """Waits for the verdict's event, and sees that it is the only one."""
        eventually(lambda: self.verdicts(task_id), kind)
        settled(self.stack)
        assert self.verdicts(task_id) == [kind]


@pytest.fixture
def approvals(stack: DeployedStack, api: httpx.Client, bus: Tap) -> Approvals:
    return Approvals(stack, api, bus)


@contextmanager
def workflow_that_waits(stack: DeployedStack, seconds: int, then: str) -> Iterator[None]:
    """While it lasts, new executions wait only so long, and then decide so."""
    sfn, machine = stack.client("stepfunctions"), stack.outputs["approval_state_machine_arn"]
    described = sfn.describe_state_machine(stateMachineArn=machine)
    definition = json.loads(described["definition"])
    states = definition["States"]
    states["WaitForApproval"]["TimeoutSeconds"] = seconds
    states["WaitForApproval"]["Parameters"]["Payload"]["timeoutSeconds"] = seconds
    states["ExpireApproval"]["Parameters"]["Payload"] |= {"timeoutSeconds": seconds, "decision": then}
    sfn.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    try:
        yield
    finally:
        sfn.update_state_machine(stateMachineArn=machine, definition=described["definition"])


@pytest.mark.parametrize(
    ("decision", "status", "kind", "state"),
    [
        ("approve", "approved", "TaskApproved", "Approved"),
        ("reject", "rejected", "TaskRejected", "Rejected"),
    ],
)
def test_a_decision_reaches_its_task(
    approvals: Approvals, decision: str, status: str, kind: str, state: str
) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    assert approvals.decide(task_id, decision).status_code == 202
    assert approvals.ended(task_id) == state
    task = approvals.task(task_id)
    assert (task["status"], task["version"]) == (status, 2)
    assert task["approval"] | {"decidedAt": ""} == {
        "decision": decision,
        "approver": "grace",
        "decidedAt": "",
    }
    approvals.one_verdict(task_id, kind)
    late = approvals.decide(task_id)
    assert (late.status_code, late.json()["currentStatus"]) == (409, status)


def test_priority_raised_later_asks_for_approval_too(approvals: Approvals) -> None:
    task_id = approvals.request("low")
    raised = approvals.raise_priority(task_id)
    assert raised["status"] == "pending_approval"
    approvals.waits(task_id)
    approvals.decide(task_id)
    assert approvals.ended(task_id, version=2) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")


def test_other_priorities_are_approved_by_themselves(stack: DeployedStack, approvals: Approvals) -> None:
    task_id = approvals.request("medium")
    started = {"taskId": task_id, "version": 1, "correlationId": "by-hand"}
    stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["approval_state_machine_arn"],
        name=f"{task_id}-1",
        input=json.dumps(started),
    )
    assert approvals.ended(task_id) == "AutoApproved"
    assert approvals.task(task_id)["version"] == 1


def test_the_request_tells_how_to_decide(stack: DeployedStack, approvals: Approvals) -> None:
    sqs, sns = stack.client("sqs"), stack.client("sns")
    url = sqs.create_queue(QueueName=f"approvers-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = stack.outputs["notifications_topic_arn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    try:
        task_id = approvals.request()

        def asked() -> dict[str, Any] | None:
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
                told = json.loads(json.loads(message["Body"])["Message"])
                if "route" in told and told["taskId"] == task_id:
                    return dict(told)
            return None

        told = eventually(asked, "the request")
        assert told["route"] == f"POST /tasks/{task_id}/approval"
        assert told["deadline"] > told.get("now", "")
    finally:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        sqs.delete_queue(QueueUrl=url)
    approvals.decide(task_id)
    approvals.ended(task_id)


@enforced
def test_a_decision_before_the_token_is_kept_and_delivered(
    stack: DeployedStack, approvals: Approvals
) -> None:
    with denied(stack, "request_approval", "dynamodb:UpdateItem"):
        task_id = approvals.request()
        assert approvals.decide(task_id).status_code == 202
        assert "taskToken" not in approvals.item(task_id)
    assert approvals.ended(task_id) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")


@enforced
def test_a_deliverer_without_its_right_delivers_later(stack: DeployedStack, approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    with denied(stack, "deliver_decision", "states:SendTaskSuccess"):
        assert approvals.decide(task_id, "reject").status_code == 202
        time.sleep(3)  # time enough to fail in; that it does not come is what is seen
        assert approvals.task(task_id)["status"] == "pending_approval"
        assert approvals.decide(task_id).status_code == 409, "the first decision holds meanwhile"
    assert approvals.ended(task_id) == "Rejected"
    approvals.one_verdict(task_id, "TaskRejected")


def test_a_task_deleted_while_waiting_ends_its_workflow(approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    approvals.delete(task_id)
    assert approvals.ended(task_id) == "Cancelled"
    assert approvals.decide(task_id).status_code == 404
    assert approvals.verdicts(task_id) == []


@enforced
def test_a_task_deleted_before_the_wait_ends_its_workflow(stack: DeployedStack, approvals: Approvals) -> None:
    with denied(stack, "request_approval", "dynamodb:UpdateItem"):
        task_id = approvals.request()
        approvals.delete(task_id)
        eventually(lambda: "verdict" in approvals.item(task_id), "the cancellation")
    assert approvals.ended(task_id) == "Cancelled"
    assert approvals.verdicts(task_id) == []


def test_of_six_deciders_at_once_one_decides(approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    deciders = [("approve" if number % 2 else "reject", f"approver-{number}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda decider: approvals.decide(task_id, *decider), deciders))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 5
    (won,) = [answer.json() for answer in answers if answer.status_code == 202]
    approvals.ended(task_id)
    assert approvals.task(task_id)["approval"] == won
    approvals.one_verdict(task_id, "TaskApproved" if won["decision"] == "approve" else "TaskRejected")


@pytest.mark.parametrize(
    ("action", "status", "kind", "state"),
    [
        ("reject", "rejected", "TaskRejected", "Rejected"),
        ("approve", "approved", "TaskApproved", "Approved"),
    ],
)
def test_a_wait_in_vain_ends_as_configured(
    stack: DeployedStack, approvals: Approvals, action: str, status: str, kind: str, state: str
) -> None:
    with workflow_that_waits(stack, 3, action):
        task_id = approvals.request()
        assert approvals.ended(task_id) == state
    task = approvals.task(task_id)
    assert (task["status"], task["approval"]["approver"]) == (status, "timeout")
    assert approvals.decide(task_id).status_code == 409
    approvals.one_verdict(task_id, kind)


@enforced
def test_a_decision_that_beats_the_timeout_holds(stack: DeployedStack, approvals: Approvals) -> None:
    """Written in time, delivered too late: the workflow times out, and still takes the approver's word."""
    deliverer_fails = denied(stack, "deliver_decision", "states:SendTaskSuccess")
    with workflow_that_waits(stack, 6, "reject"), deliverer_fails:
        task_id = approvals.request()
        approvals.waits(task_id)
        assert approvals.decide(task_id, "approve").status_code == 202
        assert approvals.ended(task_id) == "Approved"
    assert approvals.task(task_id)["approval"]["approver"] == "grace"
    approvals.one_verdict(task_id, "TaskApproved")


@enforced
def test_a_state_that_fails_twice_is_retried(stack: DeployedStack, approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    sfn = stack.client("stepfunctions")

    def failures() -> int:
        history = sfn.get_execution_history(executionArn=approvals.execution(task_id), maxResults=1000)
        return sum(event["type"] in ("TaskFailed", "LambdaFunctionFailed") for event in history["events"])

    with denied(stack, "apply_decision", "dynamodb:UpdateItem"):
        approvals.decide(task_id)
        eventually(lambda: failures() >= 2, "two failures")
        assert approvals.task(task_id)["status"] == "pending_approval"
    assert approvals.ended(task_id) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")


def test_a_redelivered_event_starts_no_second_workflow(
    stack: DeployedStack, approvals: Approvals, bus: Tap
) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    sqs, events = stack.client("sqs"), stack.client("events")
    found: list[dict[str, Any]] = []

    def created() -> bool:
        found.extend(e.detail for e in bus.listen() if e.detail["taskId"] == task_id)
        return bool(found)

    eventually(created, "TaskCreated")
    entry = {
        "EventBusName": stack.outputs["event_bus_name"],
        "Source": "task-manager",
        "DetailType": "TaskCreated",
        "Detail": json.dumps(found[0]),
    }
    assert events.put_events(Entries=[entry, entry])["FailedEntryCount"] == 0
    settled(stack)
    machine = stack.outputs["approval_state_machine_arn"]
    pages = stack.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    names = [e["name"] for page in pages for e in page["executions"] if e["name"].startswith(task_id)]
    assert names == [f"{task_id}-1"]
    approvals.decide(task_id)
    assert approvals.ended(task_id) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")
    assert (
        sqs.get_queue_attributes(
            QueueUrl=stack.outputs["dead_letter_queue_urls"]["created"],
            AttributeNames=["ApproximateNumberOfMessages"],
        )["Attributes"]["ApproximateNumberOfMessages"]
        == "0"
    )


def test_a_decision_shows_on_the_task_within_seconds(approvals: Approvals) -> None:
    lags = []
    for _ in range(12):
        task_id = approvals.request()
        approvals.waits(task_id)
        approvals.decide(task_id)
        started = time.perf_counter()
        eventually(lambda task_id=task_id: approvals.task(task_id)["status"] == "approved", "approval")  # type: ignore[misc]
        lags.append(time.perf_counter() - started)
    cuts = quantiles(lags, n=20)
    print(f"\ndecision → task status: p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms")
    assert cuts[18] < 15


def test_nothing_is_left_pending(stack: DeployedStack) -> None:
    """After all of the above: every execution of these tests has ended, and how."""
    machine = stack.outputs["approval_state_machine_arn"]
    sfn, dynamodb = stack.client("stepfunctions"), stack.client("dynamodb")
    pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=machine)
    executions = [execution for page in pages for execution in page["executions"]]
    mine = {
        execution["name"]: execution["status"]
        for execution in executions
        if _owner(dynamodb, stack, execution["name"]).startswith("approvals-")
    }
    print("\n" + "\n".join(f"{name}  {status}" for name, status in mine.items()))
    assert set(mine.values()) == {"SUCCEEDED"}


def _owner(dynamodb: Any, stack: DeployedStack, execution: str) -> str:
    key = {"taskId": {"S": execution.rpartition("-")[0]}}
    item = dynamodb.get_item(TableName=stack.outputs["tasks_table_name"], Key=key).get("Item", {})
    return str(item.get("userId", {}).get("S", ""))
