"""Requests and decides approvals, and observes what follows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from scripts.operators.tap import Tap
from services.core.verdicts import Verdict
from tests.harness.builders import an_approval
from tests.harness.faults import settled
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

VERDICTS = {"TaskApproved", "TaskRejected"}


class Approvals:
    """Approvals on a deployed stack, by the API, the bus, the table and the workflow."""

    def __init__(
        self,
        stack: DeployedStack,
        api: httpx.Client,
        bus: Tap,
        approver: str | None = None,
        owner: str = "approvals-",
    ) -> None:
        """`approver` is the subject of the API's token; without a token, each decision names its approver.

        `owner` begins the owners of the tasks.
        """
        self._owner = owner
        self._token_says_who = approver is not None
        self.approver = approver or "grace"
        self.stack = stack
        self._api = api
        self._bus = bus
        self._sfn = stack.client("stepfunctions")
        self._received: dict[str, tuple[str, str]] = {}

    def request(self, priority: str = "high", owner: str | None = None) -> str:
        """Creates a task; its id."""
        body = {"title": "Renew", "userId": f"{owner or self._owner}{uuid4().hex[:12]}", "priority": priority}
        answer = self._api.post("/tasks", json=body)
        return str(answer.raise_for_status().json()["taskId"])

    def decide(
        self, task_id: str, decision: str = "approve", approver: str = "", seen: int | None = None
    ) -> httpx.Response:
        """Decides; `seen` is the version of the task that the approver has seen."""
        headers = {} if seen is None else {"If-Match": f'"{seen}"'}
        named = {} if self._token_says_who else {"approver": approver or self.approver}
        body = {"decision": decision} | named
        return self._api.post(f"/tasks/{task_id}/approval", json=body, headers=headers)

    def edit(self, task_id: str, **changes: str) -> dict[str, Any]:
        answer = self._api.put(f"/tasks/{task_id}", json=changes)
        return dict(answer.raise_for_status().json())

    def wake(self, task_id: str, version: int) -> None:
        """Sends the workflow an approval of this version, as if it had been delayed."""
        verdict = Verdict(kind="decided", approval=an_approval(version=version), correlation_id="late")
        output = verdict.model_dump_json(by_alias=True, exclude_none=True)
        self._sfn.send_task_success(taskToken=self.item(task_id)["taskToken"]["S"], output=output)

    def task(self, task_id: str) -> dict[str, Any]:
        return dict(self._api.get(f"/tasks/{task_id}").json())

    def delete(self, task_id: str) -> None:
        self._api.delete(f"/tasks/{task_id}").raise_for_status()

    def raise_priority(self, task_id: str) -> dict[str, Any]:
        answer = self._api.put(f"/tasks/{task_id}", json={"priority": "high"})
        return dict(answer.raise_for_status().json())

    def item(self, task_id: str) -> dict[str, Any]:
        table = self.stack.outputs["table_names"]["approvals"]
        key = {"taskId": {"S": task_id}}
        answer = self.stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        return dict(answer.get("Item", {}))

    def execution(self, task_id: str, version: int = 1) -> str:
        machine = self.stack.outputs["approval_state_machine_arn"]
        return f"{machine.replace(':stateMachine:', ':execution:')}:{task_id}-{version}"

    def waits(self, task_id: str) -> None:
        """Waits until the workflow waits for a verdict on the task."""
        eventually(lambda: "taskToken" in self.item(task_id), "the token")

    def ended(self, task_id: str, version: int = 1, *, status: str = "SUCCEEDED") -> str:
        """Waits until the execution has ended, with this status; the last state that it entered."""
        arn = self.execution(task_id, version)

        def has_ended() -> bool:
            try:
                return self._sfn.describe_execution(executionArn=arn)["status"] != "RUNNING"
            except self._sfn.exceptions.ExecutionDoesNotExist:
                return False  # not started yet

        eventually(has_ended, f"the end of {arn}", 90)
        assert self._sfn.describe_execution(executionArn=arn)["status"] == status
        history = self._sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [
            event["stateEnteredEventDetails"]["name"]
            for event in history
            if "stateEnteredEventDetails" in event
        ]
        return str(entered[-1])

    def settle(self) -> None:
        """Waits until the queues are empty."""
        settled(self.stack)

    def verdicts(self, task_id: str) -> list[str]:
        """The task's TaskApproved and TaskRejected events that have arrived so far, each once."""
        while received := self._bus.receive():
            for event in received:
                if event.detail_type in VERDICTS:
                    self._received[event.detail["eventId"]] = (event.detail_type, event.detail["taskId"])
        return [kind for kind, of in self._received.values() if of == task_id]

    def one_verdict(self, task_id: str, kind: str) -> None:
        """Waits for the verdict's event, and asserts that it is the only one."""
        eventually(lambda: self.verdicts(task_id), kind)
        self.settle()
        assert self.verdicts(task_id) == [kind]


@contextmanager
def workflow_without_patience(stack: DeployedStack) -> Iterator[None]:
    """While it lasts, the steps of new executions are tried twice within a second."""
    sfn, machine = stack.client("stepfunctions"), stack.outputs["approval_state_machine_arn"]
    described = sfn.describe_state_machine(stateMachineArn=machine)
    definition = json.loads(described["definition"])
    for state in definition["States"].values():
        for retry in state.get("Retry", ()):
            retry |= {"IntervalSeconds": 1, "MaxAttempts": 1}
    sfn.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    try:
        yield
    finally:
        sfn.update_state_machine(stateMachineArn=machine, definition=described["definition"])


@contextmanager
def workflow_that_waits(stack: DeployedStack, seconds: int, then: str) -> Iterator[None]:
    """While it lasts, new executions wait this many seconds, and then take this decision."""
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
