"""The approval workflow, on Step Functions."""

import json
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.core.events import TaskEvent
from services.core.verdicts import Verdict, execution_name

# Errors after the execution has ended or timed out: no workflow waits for the verdict any more.
_NOT_WAITING = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})


class ApprovalStateMachine:
    """An ApprovalWorkflow on Step Functions."""

    def __init__(self, client: Any, arn: str = "") -> None:
        self._client = client
        self._arn = arn

    def start(self, event: TaskEvent) -> None:
        """See ApprovalWorkflow. Step Functions refuses a second execution of the same name."""
        started = {
            "taskId": event.task_id,
            "version": event.version,
            "correlationId": event.correlation_id,
        }
        try:
            with transient_failures("Step Functions"):
                self._client.start_execution(
                    stateMachineArn=self._arn,
                    name=execution_name(event.task_id, event.version),
                    input=json.dumps(started),
                )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise

    def deliver(self, token: str, verdict: Verdict) -> bool:
        """See ApprovalWorkflow."""
        output = verdict.model_dump_json(by_alias=True, exclude_none=True)
        try:
            with transient_failures("Step Functions"):
                self._client.send_task_success(taskToken=token, output=output)
        except ClientError as error:
            if error_code(error) in _NOT_WAITING:
                return False
            raise
        return True
