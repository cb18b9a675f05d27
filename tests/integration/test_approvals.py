"""The whole approval workflow, from a high-priority task to its verdict."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from scripts.operators.tap import Tap
from tests.harness.approvals import Approvals
from tests.harness.inbox import subscribed
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually


@pytest.fixture
def approvals(stack: DeployedStack, api: httpx.Client, bus: Tap) -> Approvals:
    return Approvals(stack, api, bus)


@pytest.mark.parametrize(
    ("decision", "status", "kind", "state"),
    [
        ("approve", "approved", "TaskApproved", "Approved"),
        ("reject", "rejected", "TaskRejected", "Rejected"),
    ],
)
def test_a_decision_is_applied_to_its_task(
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
        "approver": approvals.approver,
        "decidedAt": "",
        "taskVersion": 1,
    }
    approvals.one_verdict(task_id, kind)

    late = approvals.decide(task_id)
    assert (late.status_code, late.json()["currentStatus"]) == (409, status)


def test_raising_the_priority_to_high_requests_approval(approvals: Approvals) -> None:
    task_id = approvals.request("low")

    raised = approvals.raise_priority(task_id)
    assert raised["status"] == "pending_approval"

    approvals.waits(task_id)
    approvals.decide(task_id)

    assert approvals.ended(task_id, version=2) == "Approved"
    approvals.one_verdict(task_id, "TaskApproved")


def test_editing_an_approved_task_requests_approval_again(approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)
    approvals.decide(task_id)
    assert approvals.ended(task_id) == "Approved"

    edited = approvals.edit(task_id, title="Renew twice")

    assert (edited["status"], edited["version"]) == ("pending_approval", 3)
    assert "approval" not in edited
    eventually(lambda: approvals.item(task_id).get("taskVersion") == {"N": "3"}, "the second wait")

    assert approvals.decide(task_id, "approve", seen=2).status_code == 412
    assert approvals.decide(task_id, "reject", seen=3).status_code == 202
    assert approvals.ended(task_id, version=3) == "Rejected"
    assert approvals.task(task_id)["approval"]["taskVersion"] == 3


def test_an_edit_that_overtakes_a_decision_requests_approval_again(approvals: Approvals) -> None:
    """The edit happens after the decision and before the workflow applies it to the task."""
    task_id = approvals.request()
    approvals.waits(task_id)

    approvals.edit(task_id, title="Renew twice")
    approvals.wake(task_id, version=1)

    eventually(lambda: approvals.item(task_id)["taskVersion"] == {"N": "2"}, "the second wait")
    task = approvals.task(task_id)
    assert (task["status"], task["version"]) == ("pending_approval", 2)

    approvals.decide(task_id, seen=2)
    assert approvals.ended(task_id) == "Approved"
    task = approvals.task(task_id)
    assert (task["title"], task["approval"]["taskVersion"]) == ("Renew twice", 2)


def test_other_priorities_are_approved_automatically(stack: DeployedStack, approvals: Approvals) -> None:
    task_id = approvals.request("medium")
    started = {"taskId": task_id, "version": 1, "correlationId": "by-hand"}

    stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["approval_state_machine_arn"],
        name=f"{task_id}-1",
        input=json.dumps(started),
    )

    assert approvals.ended(task_id) == "AutoApproved"
    assert approvals.task(task_id)["version"] == 1


def test_an_approval_request_names_the_route_and_the_deadline(
    stack: DeployedStack, approvals: Approvals
) -> None:
    with subscribed(stack, stack.outputs["notifications_topic_arn"]) as inbox:
        task_id = approvals.request()

        def asked() -> dict[str, Any] | None:
            return next((m for m in inbox.read() if "route" in m and m["taskId"] == task_id), None)

        told = eventually(asked, "the request")

    assert told["route"] == f"POST /tasks/{task_id}/approval"
    assert datetime.fromisoformat(told["deadline"]) > datetime.now(UTC)

    approvals.decide(task_id)
    approvals.ended(task_id)


def test_a_decision_is_visible_on_its_task_within_seconds(approvals: Approvals) -> None:
    task_id = approvals.request()
    approvals.waits(task_id)

    approvals.decide(task_id)

    eventually(lambda: approvals.task(task_id)["status"] == "approved", "the approval", 15)
