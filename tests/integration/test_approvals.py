"""The approval workflow, whole: from a high-priority task to its verdict."""

import json
import time
from statistics import quantiles
from typing import Any

import httpx
import pytest

from scripts.tap import Tap
from tests.integration.approvals import Approvals
from tests.integration.conftest import DeployedStack
from tests.integration.inbox import subscribed
from tests.integration.waiting import eventually


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
        "approver": approvals.approver,
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
    with subscribed(stack, stack.outputs["notifications_topic_arn"]) as inbox:
        task_id = approvals.request()

        def asked() -> dict[str, Any] | None:
            return next((m for m in inbox.read() if "route" in m and m["taskId"] == task_id), None)

        told = eventually(asked, "the request")
    assert told["route"] == f"POST /tasks/{task_id}/approval"
    assert told["deadline"] > told.get("now", "")
    approvals.decide(task_id)
    approvals.ended(task_id)


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
