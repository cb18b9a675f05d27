"""Executions of the approval workflow: which states they went through, and when."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployments.target import Target
from services.core.verdicts import execution_name


@dataclass(frozen=True)
class State:
    """A state that an execution entered; `left` is None while it is in there."""

    name: str
    entered: datetime
    left: datetime | None


@dataclass(frozen=True)
class Execution:
    """The approval of a task."""

    name: str
    status: str
    started: datetime
    stopped: datetime | None
    states: tuple[State, ...]
    verdict_id: str | None
    """The correlation id of the decision that ended the wait."""


class Executions:
    """Finds executions by the write that asked for them."""

    def __init__(self, target: Target) -> None:
        self._client = target.client("stepfunctions")
        self._arn = target.outputs["approval_state_machine_arn"]

    def of(self, task_id: str, version: int) -> Execution | None:
        """The approval that the task's version asked for, if it did."""
        name = execution_name(task_id, version)
        arn = f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            found = self._client.describe_execution(executionArn=arn)
            pages = self._client.get_paginator("get_execution_history").paginate(executionArn=arn)
            history = [event for page in pages for event in page["events"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        return Execution(
            name=name,
            status=found["status"],
            started=found["startDate"],
            stopped=found.get("stopDate"),
            states=_states(history),
            verdict_id=_verdict_id(history),
        )


def _states(history: list[dict[str, Any]]) -> tuple[State, ...]:
    entered: dict[str, datetime] = {}
    left: dict[str, datetime] = {}
    for event in history:
        if "stateEnteredEventDetails" in event:
            entered[event["stateEnteredEventDetails"]["name"]] = event["timestamp"]
        elif "stateExitedEventDetails" in event:
            left[event["stateExitedEventDetails"]["name"]] = event["timestamp"]
    return tuple(State(name, at, left.get(name)) for name, at in entered.items())


def _verdict_id(history: list[dict[str, Any]]) -> str | None:
    """From the last state that was given the verdict."""
    for event in reversed(history):
        details = event.get("stateExitedEventDetails") or event.get("stateEnteredEventDetails") or {}
        content = json.loads(details.get("output") or details.get("input") or "null")
        if isinstance(content, dict) and isinstance(content.get("verdict"), dict):
            return str(content["verdict"].get("correlationId", "")) or None
    return None
