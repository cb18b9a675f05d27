"""The approval workflow under every fault.

After each: one decision, one TaskApproved or TaskRejected, the execution ended, nothing pending.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.operators.tap import Tap
from tests.harness.approvals import Approvals, workflow_that_waits, workflow_without_patience
from tests.harness.faults import denied, settled
from tests.harness.function_logs import complaints
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

enforced = pytest.mark.requires("iam_enforcement")


@pytest.fixture(scope="module")
def owner(stack: DeployedStack) -> Iterator[str]:
    """Begins the owners of these tests' tasks. In the end, prints how each of their executions ended."""
    prefix = f"faults-{uuid4().hex[:8]}-"
    yield prefix
    ended = executions_of(stack, prefix)
    print("\n" + "\n".join(f"{name}  {status}" for name, status in ended.items()))
    assert set(ended.values()) <= {"SUCCEEDED"}


def executions_of(stack: DeployedStack, prefix: str) -> dict[str, str]:
    """Execution → its status, of the tasks whose owners begin with this."""
    machine, table = stack.outputs["approval_state_machine_arn"], stack.outputs["table_names"]["tasks"]
    pages = stack.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    dynamodb = stack.client("dynamodb")

    def owner_of(execution: str) -> str:
        key = {"taskId": {"S": execution.rpartition("-")[0]}}
        item = dynamodb.get_item(TableName=table, Key=key).get("Item", {})
        return str(item.get("userId", {}).get("S", ""))

    executions = [execution for page in pages for execution in page["executions"]]
    return {one["name"]: one["status"] for one in executions if owner_of(one["name"]).startswith(prefix)}


@pytest.fixture
def approvals(stack: DeployedStack, api: httpx.Client, bus: Tap, owner: str) -> Approvals:
    return Approvals(stack, api, bus, owner=owner)


@enforced
def test_a_decision_made_before_the_token_is_stored_is_delivered_later(
    stack: DeployedStack, approvals: Approvals
) -> None:
    with denied(stack, "request_approval", "dynamodb:UpdateItem"):
        task_id = approvals.request()
        assert approvals.decide(task_id).status_code == 202
        assert "taskToken" not in approvals.item(task_id)

    assert approvals.ended(task_id) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")


@enforced
def test_a_decision_is_delivered_once_the_deliverer_has_its_right_again(
    stack: DeployedStack, approvals: Approvals
) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)

    with denied(stack, "deliver_decision", "states:SendTaskSuccess"):
        started = time.time()
        assert approvals.decide(task_id, "reject").status_code == 202
        eventually(lambda: "deliver_decision ERROR" in complaints(stack, started), "a failed delivery")
        assert approvals.task(task_id)["status"] == "pending_approval"
        assert approvals.decide(task_id).status_code == 409, "the first decision holds meanwhile"

    assert approvals.ended(task_id) == "Rejected"
    approvals.one_verdict(task_id, "TaskRejected")


def test_deleting_a_task_that_waits_for_approval_ends_its_workflow(approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)

    approvals.delete(task_id)

    assert approvals.ended(task_id) == "Cancelled"
    assert approvals.decide(task_id).status_code == 404
    assert approvals.verdicts(task_id) == []


@enforced
def test_deleting_a_task_before_the_wait_starts_ends_its_workflow(
    stack: DeployedStack, approvals: Approvals
) -> None:
    with denied(stack, "request_approval", "dynamodb:UpdateItem"):
        task_id = approvals.request()
        approvals.delete(task_id)
        eventually(lambda: "verdict" in approvals.item(task_id), "the cancellation")

    assert approvals.ended(task_id) == "Cancelled"
    assert approvals.verdicts(task_id) == []


def test_one_of_six_simultaneous_decisions_wins(approvals: Approvals) -> None:
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
def test_a_wait_that_times_out_ends_as_configured(
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
def test_a_decision_written_before_the_timeout_holds(stack: DeployedStack, approvals: Approvals) -> None:
    """Written in time, delivered too late: the workflow times out, and still applies the decision."""
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


@enforced
def test_a_step_that_fails_beyond_its_retries_fails_the_execution_in_that_step(
    stack: DeployedStack, approvals: Approvals
) -> None:
    """A redrive resumes the step that failed. No local cloud can redrive, but all fail in the same step."""
    with workflow_without_patience(stack), denied(stack, "apply_decision", "dynamodb:UpdateItem"):
        task_id = approvals.request(owner="redriven-")
        approvals.waits(task_id)

        approvals.decide(task_id)

        assert approvals.ended(task_id, status="FAILED") == "ApplyDecision"

    assert approvals.task(task_id)["status"] == "pending_approval"
    approvals.delete(task_id)


def test_a_redelivered_event_starts_no_second_workflow(
    stack: DeployedStack, approvals: Approvals, bus: Tap
) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    sqs, events = stack.client("sqs"), stack.client("events")
    found: list[dict[str, Any]] = []

    def created() -> bool:
        found.extend(e.detail for e in bus.receive() if e.detail["taskId"] == task_id)
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
