"""Approvals on the page: the workflow as it is deployed, where each execution is, and deciding."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.base.failure import Failure
from scripts.console.layout import workflow
from scripts.console.subject import Subject
from scripts.deployments.target import Target
from scripts.operators.approvals import deadline_of, pending, written_decision
from scripts.operators.executions import Execution, Executions

Json = dict[str, Any]
READERS = 5
# What the page shows of a task.
SHOWN = ("title", "userId", "version", "description")
# So many executions that run, and of those that ended.
MOST_RUNNING, MOST_ENDED = 100, 20
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


def shown(subject: Subject) -> Json:
    """The workflow's states, and its executions: those that run, then the last ones that ended."""
    target = subject.target
    names = _names(target)
    find, waiting = Executions(target), {task["taskId"]: task for task in pending(target)}

    def execution(name: str) -> Json | None:
        task_id, _, version = name.rpartition("-")
        found = find.of(task_id, int(version)) if version.isdecimal() else None
        return _execution(target, found, task_id, waiting.get(task_id)) if found else None

    with ThreadPoolExecutor(READERS) as pool:
        executions = [found for found in pool.map(execution, names) if found]
    executions.sort(key=lambda one: str(one["started"]), reverse=True)
    executions.sort(key=lambda one: one["status"] != "RUNNING")
    definition = subject.remembered("workflow", lambda: _definition(target))
    return {**workflow(definition), "executions": executions}


def decide(subject: Subject, task_id: str, decision: str, version: float | None, reason: str) -> Json:
    """Write a decision on a version of a task, in the user's name. Raises Failure if it is stale."""
    if decision not in ("approve", "reject"):
        raise Failure(f"decision is approve or reject, not {decision!r}")
    if version is None:
        raise Failure("version is missing: a decision counts for the version that was seen")
    return written_decision(subject.target, decision, task_id, int(version), reason, subject.user)


def _names(target: Target) -> list[str]:
    client, arn = target.client("stepfunctions"), target.outputs["approval_state_machine_arn"]

    def named(status: str, most: int) -> list[str]:
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=arn, statusFilter=status, PaginationConfig={"MaxItems": most, "PageSize": most}
        )
        return [one["name"] for page in pages for one in page["executions"]]

    ended = [name for status in ENDED for name in named(status, MOST_ENDED)]
    return [*named("RUNNING", MOST_RUNNING), *ended]


def _definition(target: Target) -> Any:
    machine = target.client("stepfunctions").describe_state_machine(
        stateMachineArn=target.outputs["approval_state_machine_arn"]
    )
    return json.loads(machine["definition"])


def _execution(target: Target, found: Execution, task_id: str, task: Mapping[str, Any] | None) -> Json:
    current = next((state for state in found.states if state.left is None), None)
    running = found.status == "RUNNING"
    deadline = deadline_of(target, task_id) if running and task else None
    return {
        "name": found.name,
        "taskId": task_id,
        "status": found.status,
        "started": found.started.isoformat(),
        "stopped": found.stopped.isoformat() if found.stopped else None,
        "states": [
            {
                "name": state.name,
                "entered": state.entered.isoformat(),
                "left": state.left.isoformat() if state.left else None,
            }
            for state in found.states
        ],
        "current": current.name if current and running else None,
        "deadline": deadline.isoformat() if deadline else None,
        "task": {name: task[name] for name in SHOWN} if task else None,
    }
