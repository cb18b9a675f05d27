"""The approval workflow, on Step Functions."""

import json
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.core.approvals import Verdict
from services.core.events import TaskEvent

# The execution has ended or timed out: nobody waits for the verdict any more.
_NOBODY_WAITS = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})


class ApprovalStateMachine:
    """Starts approvals and wakes those that wait."""

    def __init__(self, client: Any, arn: str = "") -> None:
        self._client = client
        self._arn = arn

    def start(self, event: TaskEvent) -> None:
        """Starts the approval of a task. The execution's name makes a repeated start no second one."""
        started = {
            "taskId": event.task_id,
            "version": event.version,
            "correlationId": event.correlation_id,
        }
        try:
            with transient_failures("Step Functions"):
                self._client.start_execution(
                    stateMachineArn=self._arn,
                    name=f"{event.task_id}-{event.version}",
                    input=json.dumps(started),
                )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise

    def deliver(self, token: str, verdict: Verdict) -> bool:
        """Wakes the workflow that holds the token; False if it waits no longer."""
        output = verdict.model_dump_json(by_alias=True, exclude_none=True)
        try:
            with transient_failures("Step Functions"):
                self._client.send_task_success(taskToken=token, output=output)
        except ClientError as error:
            if error_code(error) in _NOBODY_WAITS:
                return False
            raise
        return True
