"""Ending the executions of a state machine, without which AWS does not delete it.

A deleted state machine stays in DELETING until its executions have ended, and one that waits for an approval
ends when the approval times out: after a day, by default. Terraform gives up long before.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
"""

from typing import Any

from scripts.base.failure import Failure
from scripts.base.progress import Update
from scripts.base.waiting import SYSTEM_CLOCK, Clock, until

LIMIT_SECONDS = 300.0
POLL_SECONDS = 1.0


def end_executions(
    stepfunctions: Any,
    state_machine: str,
    report: Update = lambda _: None,
    *,
    clock: Clock = SYSTEM_CLOCK,
) -> int:
    """Stop what runs, and return when all of it has ended; gives how many. A Failure if some do not end."""
    stopped = set[str]()

    def stop() -> list[str]:
        running = _running(stepfunctions, state_machine)
        for execution in set(running) - stopped:
            stepfunctions.stop_execution(
                executionArn=execution, error="Destroyed", cause="The environment is being destroyed."
            )
            stopped.add(execution)
        report(f"{len(stopped)} stopped, {len(running)} were running")
        return running

    running = until(stop, lambda running: not running, seconds=LIMIT_SECONDS, poll=POLL_SECONDS, clock=clock)
    if running:
        raise Failure(
            f"{len(running)} executions of {state_machine} have not ended, so it cannot be deleted; "
            f"one of them is {running[0]}"
        )
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
