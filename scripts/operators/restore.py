"""`make export FILE=` and `make restore FROM=time [FILE=]`: the tasks, from an export and archived events.

Every event holds its task as it was then, so the newest event of a task is the task. Point-in-time recovery
is the quicker way back where there is one; this one needs the archive of the bus alone.
"""

import contextlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scripts.base.failure import Failure
from scripts.base.progress import Steps, Update
from scripts.deployments.target import Target, chosen_target
from scripts.operators.replay import ARCHIVE_DELAY, MAY_MISS, Replay, await_archive, is_local, start
from scripts.operators.tap import Tap, tap
from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire
from services.core.moments import parse_timestamp

Stored = dict[str, Any]
"""Everything that the table holds of a task."""
# Each waits a second for an event.
QUIET_LOOKS, QUIET_LOOKS_ON_AWS = 3, 30
LATEST_SECONDS = 600.0
RULE_DELAY = timedelta(minutes=1)
REMOVED = ("TaskDeleted", "TaskExpired")


@dataclass
class Memory:
    """The newest received version of each task, in any order of arrival."""

    newest: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    received: int = 0

    def take_in(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Remember an event, unless a newer one of its task is known. A removal is its task's last."""
        self.received += 1
        known = self.newest.get(detail["taskId"])
        if known is None or detail["version"] >= known[1]["version"]:
            self.newest[detail["taskId"]] = (detail_type, detail)

    def tasks(self, retention: timedelta) -> Iterator[Stored]:
        """The tasks that are there."""
        for detail_type, detail in self.newest.values():
            if detail_type not in REMOVED:
                yield detail["task"] | self._kept_beside(detail, retention)

    def removed(self) -> set[str]:
        """The tasks that are there no longer."""
        return {task_id for task_id, (detail_type, _) in self.newest.items() if detail_type in REMOVED}

    def _kept_beside(self, detail: dict[str, Any], retention: timedelta) -> dict[str, Any]:
        kept: dict[str, Any] = {"correlationId": detail["correlationId"]}
        if detail["status"] == "completed":
            kept["expiresAt"] = int((parse_timestamp(detail["task"]["updatedAt"]) + retention).timestamp())
        return kept


def exported(target: Target, table: str | None = None) -> Iterator[Stored]:
    """All tasks of the tasks table, or of one that was restored beside it."""
    pages = target.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(
        TableName=table or target.outputs["table_names"]["tasks"], ConsistentRead=True
    ):
        yield from map(item_from_wire, page["Items"])


def line_of(stored: Stored) -> str:
    """A line of an export: the task as DynamoDB's own exports write it."""
    return json.dumps(item_to_wire(stored)) + "\n"


def stored_of(line: str | bytes) -> Stored:
    """The task in a line of an export."""
    return item_from_wire(json.loads(line))


def remembered(
    target: Target,
    since: datetime,
    until: datetime,
    report: Update = lambda _: None,
    *,
    wait: bool = True,
) -> Memory:
    """The archived events of that time, by a replay to a queue of our own.

    It waits until the archive is complete up to then, unless told not to.
    """
    with tap(target) as bus:
        if wait:
            # The rule for the queue takes a moment to become effective, too.
            await_archive(target, max(until, datetime.now(UTC) + RULE_DELAY - ARCHIVE_DELAY), report)
        replay = Replay(target, start(target, since, until, rule=bus.rule))
        return receive_all(
            bus,
            replay,
            report,
            QUIET_LOOKS if is_local(target) else QUIET_LOOKS_ON_AWS,
        )


def receive_all(bus: Tap, replay: Replay, report: Update, quiet_looks: int) -> Memory:
    """Receive while the replay runs and until no more events arrive: the last ones may come after its end.

    Where other events are published meanwhile, stop LATEST_SECONDS after the end.
    """
    memory, quiet, ended = Memory(), 0, None
    while quiet < quiet_looks:
        if ended is None and replay.is_over(lambda place: report(f"{memory.received} events, {place}")):
            ended = time.monotonic()
        received = bus.receive()
        for event in received:
            memory.take_in(event.detail_type, event.detail)
        quiet = 0 if received or ended is None else quiet + 1
        if ended is not None and time.monotonic() > ended + LATEST_SECONDS:
            break
    return memory


def restore(target: Target, export: Iterable[Stored], memory: Memory) -> int:
    """Put the tasks into the table, which is empty or lacks some; gives how many.

    A task that the table has in a newer version is left alone. No events are published for restored tasks.
    """
    tasks = {task["taskId"]: task for task in export}
    for task in memory.tasks(_retention(target)):
        before = tasks.get(task["taskId"])
        if before is None or before["version"] <= task["version"]:
            # Keep what the export has besides the task's own fields, such as expiresAt.
            tasks[task["taskId"]] = {**_beside(before, task), **task}
    shards = int(target.setting("create_task", "STATUS_SHARDS"))
    table = TaskTable(target.client("dynamodb"), target.outputs["table_names"]["tasks"], shards)
    return sum(table.put_newer(tasks[task_id]) for task_id in tasks.keys() - memory.removed())


def _beside(before: Stored | None, task: Stored) -> Stored:
    """Attributes of the same version that an event does not hold."""
    same = before is not None and before["version"] == task["version"]
    return before if before is not None and same else {}


def _retention(target: Target) -> timedelta:
    """How long a completed task is kept there: the setting of the function that sets its expiry."""
    return timedelta(days=int(target.setting("on_completed", "RETENTION_DAYS")))


def read_export(file: Path) -> list[Stored]:
    """The tasks in an export. Raises Failure that names the line which is none."""
    with _usable(file, "name a file that `make export` has written"):
        lines = file.read_bytes().splitlines()
    found = []
    for number, line in enumerate(lines, 1):
        try:
            stored = stored_of(line)
        except (AttributeError, TypeError, ValueError):
            stored = {}
        if not {"taskId", "version"} <= stored.keys():
            raise Failure(
                f"FILE={file}: line {number} is no task as `make export` writes it: mend or remove it"
            )
        found.append(stored)
    return found


@contextlib.contextmanager
def _usable(file: Path, remedy: str) -> Iterator[None]:
    """Name the file, and what to do, where the system refuses what is done with it."""
    try:
        yield
    except OSError as error:
        raise Failure(f"FILE={file}: {error.strerror}: {remedy}") from error


def export_to(file: Path, environment: str = "", table: str | None = None) -> None:
    """`make export`: write the tasks of a deployment to a file, a JSON item on each line."""
    target = chosen_target(environment)
    with _usable(file, "name a file that can be written, in a folder that exists"):
        is_new = not file.exists()
        file.open("a").close()  # before all tasks are read, which may take long
    try:
        items = list(exported(target, table))
    except BaseException:
        if is_new:
            file.unlink()
        raise
    with _usable(file, "name a file that can be written"):
        file.write_text("".join(map(line_of, items)), encoding="utf-8")
    Steps().say(f"{len(items)} tasks in {file}")


def restore_from(
    since: datetime, environment: str = "", file: Path | None = None, *, wait: bool = True
) -> None:
    """`make restore`: write the exported tasks, and those of the events archived since then."""
    export = read_export(file) if file else []
    steps = Steps()
    target = chosen_target(environment, change="Restores tasks")
    if not wait:
        steps.say(MAY_MISS)
    with steps.step("Replay") as update:
        memory = remembered(target, since, datetime.now(UTC), update, wait=wait)
    with steps.step("Restore"):
        put = restore(target, export, memory)
    steps.say(f"{memory.received} events, {len(export)} exported tasks: {put} tasks restored")
