"""`make approvals`, `make approve TASK=`, `make reject TASK= REASON=`: deciding from the terminal."""

import getpass
import os
import sys
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.auth.tokens import api_client
from scripts.failure import Failure, run_command
from scripts.target import Target, chosen_target
from services.adapters.dynamodb.wire import item_from_wire
from services.core.moments import parse_timestamp

PAGE = 100


def main() -> None:
    """Lists what waits, or decides."""
    target = chosen_target()
    match sys.argv[1:]:
        case ["list"]:
            show(target)
        case [("approve" | "reject") as decision]:
            decide(target, decision)
        case _:
            raise Failure("ask for list, approve or reject")


def show(target: Target) -> None:
    """The tasks that wait for an approval, oldest first."""
    waiting = sorted(pending(target), key=lambda task: str(task["taskId"]))
    if not waiting:
        Console().print("Nothing waits for an approval.")
        return
    table = Table("Task", "Title", "Owner", "Age", "Time left")
    for task in waiting:
        deadline = deadline_of(target, task["taskId"])
        age = datetime.now(UTC) - parse_timestamp(task["createdAt"])
        left = _short(deadline - datetime.now(UTC)) if deadline else "not yet known"
        table.add_row(task["taskId"], task["title"], task["userId"], _short(age), left)
    console = Console()
    # Task ids are for copying: on a narrow screen lines may break, ids may not.
    table.columns[0].no_wrap = True
    console.print(table)
    console.print("Decide with: make approve TASK=… [REASON=…] · make reject TASK=… REASON=…")


def decide(target: Target, decision: str) -> None:
    """Writes the decision on TASK; REASON and APPROVER (you, by default) go with it."""
    task_id = os.environ.get("TASK")
    if not task_id:
        raise Failure(f"say which task: make {decision} TASK=…, as `make approvals` lists them")
    body = {"decision": decision, "approver": os.environ.get("APPROVER") or getpass.getuser()}
    if reason := os.environ.get("REASON"):
        body["reason"] = reason
    with api_client(target, body["approver"]) as api:
        if "Authorization" in api.headers:
            del body["approver"]  # is whoever the token is for
        answer = api.post(f"/tasks/{task_id}/approval", json=body)
    if answer.is_error:
        raise Failure(f"{answer.status_code}: {answer.json().get('detail', answer.text)}")
    Console().print(f"Written: {decision} by {answer.json()['approver']}. The task follows in a moment.")


def pending(target: Target) -> list[dict[str, Any]]:
    """All tasks that wait for an approval."""
    tasks: list[dict[str, Any]] = []
    params = {"status": "pending_approval", "limit": str(PAGE)}
    with api_client(target, getpass.getuser()) as api:
        while True:
            page = api.get("/tasks", params=params).raise_for_status().json()
            tasks += page["tasks"]
            if page["nextCursor"] is None:
                return tasks
            params["cursor"] = page["nextCursor"]


def deadline_of(target: Target, task_id: str) -> datetime | None:
    """When the wait for a decision ends; None until the workflow has begun to wait."""
    table = target.outputs["approvals_table_name"]
    answer = target.client("dynamodb").get_item(TableName=table, Key={"taskId": {"S": task_id}})
    deadline = item_from_wire(answer.get("Item", {})).get("deadline")
    return parse_timestamp(deadline) if deadline else None


def _short(duration: Any) -> str:
    return str(duration).split(".", maxsplit=1)[0]


if __name__ == "__main__":
    run_command(main)
