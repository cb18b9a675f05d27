"""Ending the executions of a state machine, without which AWS does not delete it.

A deleted state machine stays in DELETING until its executions have ended, and one that waits for an approval
ends when the approval times out: after a day, by default. Terraform gives up long before.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
"""

import time
from collections.abc import Callable
from typing import Any

from scripts.base.failure import Failure
from scripts.base.progress import Update

LIMIT_SECONDS = 300.0
POLL_SECONDS = 1.0


def end_executions(
    stepfunctions: Any,
    state_machine: str,
    report: Update = lambda _: None,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Stop what runs, and return when all of it has ended; gives how many. A Failure if some do not end."""
    deadline, stopped = now() + LIMIT_SECONDS, set[str]()
    while running := _running(stepfunctions, state_machine):
        if now() > deadline:
            raise Failure(
                f"{len(running)} executions of {state_machine} have not ended, so it cannot be deleted; "
                f"one of them is {running[0]}"
            )
        for execution in running:
            if execution not in stopped:
                stepfunctions.stop_execution(
                    executionArn=execution, error="Destroyed", cause="The environment is being destroyed."
                )
                stopped.add(execution)
        report(f"{len(stopped)} stopped, {len(running)} were running")
        sleep(POLL_SECONDS)
    return len(stopped)


def _running(stepfunctions: Any, state_machine: str) -> list[str]:
    """The ARNs of executions that run; none, if the state machine is gone."""
    pages = stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=state_machine, statusFilter="RUNNING"
    )
    try:
        return [execution["executionArn"] for page in pages for execution in page["executions"]]
    except stepfunctions.exceptions.StateMachineDoesNotExist:
        return []
