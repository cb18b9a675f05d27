"""`make approvals`, `make approve TASK=`, `make reject TASK= REASON=`: deciding from the terminal."""

from datetime import UTC, datetime
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.base.failure import Failure
from scripts.base.user import user_name
from scripts.deployments.target import Target, chosen_target
from scripts.deployments.tokens import api_client
from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.core.moments import parse_timestamp, system_clock
from services.core.text import one_line

PAGE = 100


def list_waiting(environment: str = "") -> None:
    """`make approvals`: list the tasks that wait for an approval."""
    show(chosen_target(environment))


def decide_on(
    task_id: str,
    decision: str,
    version: int | None = None,
    reason: str = "",
    approver: str = "",
    environment: str = "",
) -> None:
    """`make approve` and `make reject`: decide on a task of a deployment; see `decide`."""
    target = chosen_target(environment, change=f"Decides on a task ({decision})")
    decide(target, decision, task_id, version, reason, approver)


def show(target: Target) -> None:
    """The tasks that wait for an approval, oldest first."""
    waiting = sorted(pending(target), key=lambda task: str(task["taskId"]))
    if not waiting:
        Console().print("No task waits for an approval.")
        return
    table = Table("Task", "Version", "Title", "Owner", "Age", "Time left")
    for task in waiting:
        deadline = deadline_of(target, task["taskId"])
        age = datetime.now(UTC) - parse_timestamp(task["createdAt"])
        left = _short(deadline - datetime.now(UTC)) if deadline else "not yet known"
        shown = [task["taskId"], str(task["version"]), one_line(task["title"]), one_line(task["userId"])]
        table.add_row(*map(escape, shown), _short(age), left)
    console = Console()
    # Task ids are meant to be copied: never wrap them, however narrow the screen is.
    table.columns[0].no_wrap = True
    console.print(table)
    console.print("Decide with: make approve TASK=… [VERSION=…] [REASON=…] · make reject TASK=… REASON=…")


def decide(
    target: Target, decision: str, task_id: str, version: int | None, reason: str, approver: str
) -> None:
    """Show the task and write the decision on it, with the reason and the approver (the user, by default).

    The decision counts for that version, by default for the one that is shown. Raises Failure if it is stale.
    """
    approver = approver or user_name()
    with api_client(target, approver) as api:
        task = _answer(api.get(f"/tasks/{task_id}"))
    Console().print(escape(_in_words(task)))
    written = written_decision(target, decision, task_id, version or task["version"], reason, approver)
    said = f"Recorded: {decision} version {written['taskVersion']}, by {one_line(written['approver'])}."
    Console().print(escape(f"{said} The task changes in a moment."))


def written_decision(
    target: Target, decision: str, task_id: str, version: int, reason: str, approver: str
) -> dict[str, Any]:
    """Write the decision on that version of a task; what was recorded. Raises Failure if it is stale."""
    body = {"decision": decision, "approver": approver}
    if reason:
        body["reason"] = reason
    with api_client(target, approver) as api:
        if "Authorization" in api.headers:
            del body["approver"]  # the token names the approver
        headers = {"If-Match": f'"{version}"'}
        return _answer(api.post(f"/tasks/{task_id}/approval", json=body, headers=headers))


def _in_words(task: dict[str, Any]) -> str:
    lines = [f"{one_line(task['title'])} (version {task['version']}, of {one_line(task['userId'])})"]
    return "\n".join(lines + [one_line(line) for line in task["description"].splitlines()])


def _answer(answer: httpx.Response) -> dict[str, Any]:
    """The body. Raises Failure for a refusal."""
    if answer.is_error:
        raise Failure(f"{answer.status_code}: {answer.json().get('detail', answer.text)}")
    return dict(answer.json())


def pending(target: Target) -> list[dict[str, Any]]:
    """All tasks that wait for an approval."""
    tasks: list[dict[str, Any]] = []
    params = {"status": "pending_approval", "limit": str(PAGE)}
    with api_client(target, user_name()) as api:
        while True:
            page = api.get("/tasks", params=params).raise_for_status().json()
            tasks += page["tasks"]
            if page["nextCursor"] is None:
                return tasks
            params["cursor"] = page["nextCursor"]


def deadline_of(target: Target, task_id: str) -> datetime | None:
    """When the wait for a decision ends; None until the workflow has begun to wait."""
    store = DynamoDBApprovalStore(
        target.client("dynamodb"), target.outputs["table_names"]["approvals"], system_clock
    )
    deadline = store.deadline(task_id)
    return parse_timestamp(deadline) if deadline else None


def _short(duration: Any) -> str:
    return str(duration).split(".", maxsplit=1)[0]
