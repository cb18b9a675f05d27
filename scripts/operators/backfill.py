"""`make backfill [RATE=50] [AFTER=task]`: write the fields that stored tasks lack, while the table is in use.

A field that was added to the model with a default is read from old items as that default, but is not in
them: an index or another reader does not find it. This writes it (docs/changing-data.md).
"""

from dataclasses import dataclass, field
from typing import Any

from scripts.base.failure import Failure
from scripts.base.progress import Steps, Update
from scripts.base.waiting import SYSTEM_CLOCK, Clock
from scripts.deployments.target import chosen_target
from services.adapters.aws import transient_failures
from services.adapters.dynamodb.task_table import Item, TaskTable
from services.core.errors import ServiceUnavailable


@dataclass
class Progress:
    """How far a backfill is. It goes on after the task `after`, or begins where that is None."""

    after: str | None = None
    read: int = 0
    written: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)
    """Task → why it could not be read."""

    def __str__(self) -> str:
        return f"{self.read} tasks read, {self.written} written"


@dataclass(frozen=True)
class Pages:
    """The items of a table, in DynamoDB's own order. No function may scan, so no adapter does."""

    client: Any
    table: str

    def after(self, task_id: str | None, limit: int) -> tuple[list[Item], str | None]:
        """At most `limit` items, and the id to go on after; None at the end."""
        request: dict[str, Any] = {"TableName": self.table, "Limit": limit, "ConsistentRead": True}
        if task_id is not None:
            request["ExclusiveStartKey"] = {"taskId": {"S": task_id}}
        with transient_failures("DynamoDB"):
            page = self.client.scan(**request)
        last = page.get("LastEvaluatedKey")
        return page["Items"], last and str(last["taskId"]["S"])


def backfill(
    pages: Pages,
    table: TaskTable,
    progress: Progress,
    rate: int,
    report: Update = lambda _: None,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Complete every item, at most `rate` a second. Idempotent, so it may be repeated from anywhere."""
    while True:
        started = clock.now()
        items, last = pages.after(progress.after, rate)
        for item in items:
            _complete(table, item, progress)
        report(f"{progress}, up to {last}")
        if last is None:
            return
        progress.after = last
        clock.sleep(max(started + len(items) / rate - clock.now(), 0))


def _complete(table: TaskTable, item: Item, progress: Progress) -> None:
    progress.read += 1
    try:
        progress.written += table.backfill(item)
    except ValueError as error:
        progress.unreadable[item["taskId"]["S"]] = " ".join(str(error).split())
    progress.after = item["taskId"]["S"]


def backfill_tasks(rate: int, after: str = "", environment: str = "") -> None:
    """`make backfill`: see `backfill`. A Failure names the tasks that could not be read."""
    target = chosen_target(environment, change="Writes the fields that stored tasks lack")
    shards = int(target.setting("create_task", "STATUS_SHARDS"))
    client, name = target.client("dynamodb"), target.outputs["table_names"]["tasks"]
    steps, progress = Steps(), Progress(after or None)
    try:
        with steps.step("Backfill") as update:
            backfill(Pages(client, name), TaskTable(client, name, shards), progress, rate, update)
    except ServiceUnavailable as error:
        raise Failure(f"{error}. {progress}; {_way_on(progress)}") from error
    except KeyboardInterrupt:
        steps.say(f"{progress}; {_way_on(progress)}")
        raise
    steps.say(f"{progress}.")
    if progress.unreadable:
        lines = (f"{task_id}: {reason}" for task_id, reason in progress.unreadable.items())
        raise Failure("some items are no tasks that this code can read:\n  " + "\n  ".join(lines))


def _way_on(progress: Progress) -> str:
    return f"go on with AFTER={progress.after}" if progress.after else "start again"
