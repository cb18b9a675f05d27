"""What was written, as the events that must follow: kept by every process that writes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clients.python.task_manager_client.models import Status, Task

EventKey = tuple[str, str, int]
"""Detail type, task id, version: what makes an event's id."""

FILE = "ledger.jsonl"


def events_after(method: str, task: Task) -> list[EventKey]:
    """The events of a write, by the task that POST or PUT answered, or as it was before DELETE."""
    task_id, version = task.task_id, task.version
    match method:
        case "POST":
            return [("TaskCreated", task_id, version)]
        case "DELETE":
            return [("TaskDeleted", task_id, version + 1)]
    events: list[EventKey] = [("TaskUpdated", task_id, version)]
    if task.status is Status.COMPLETED:
        events.append(("TaskCompleted", task_id, version))
    return events


def events_after_verdict(task: Task) -> list[EventKey]:
    """The events of an approval, by the task that the workflow has brought its verdict to."""
    kind = "TaskRejected" if task.status is Status.REJECTED else "TaskApproved"
    return [("TaskUpdated", task.task_id, task.version), (kind, task.task_id, task.version)]


class Ledger:
    """Entries on their way to one file: at once, or from a worker by way of Locust's master."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []

    def expect(self, user: str, events: Iterable[EventKey]) -> None:
        """These events must come."""
        self._waiting += [{"user": user, "event": list(event)} for event in events]

    def doubt(self, user: str, what: str) -> None:
        """A write of this user that may or may not have taken place: its answer never came."""
        self._waiting.append({"user": user, "doubt": what})

    def take(self) -> list[dict[str, Any]]:
        """The entries since the last time."""
        taken, self._waiting = self._waiting, []
        return taken

    def add(self, entries: list[dict[str, Any]]) -> None:
        """Entries of another process."""
        self._waiting += entries

    def flush(self, folder: Path) -> None:
        """Append what waits to the file in the folder."""
        lines = "".join(json.dumps(entry) + "\n" for entry in self.take())
        with (folder / FILE).open("a") as file:
            file.write(lines)
