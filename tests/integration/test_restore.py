"""The restore drill: the tasks table is lost, and restored from an export and the archive of the bus."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators.replay import await_end, start
from scripts.operators.restore import exported, remembered, restore
from services.adapters.dynamodb.write_ids import EARLIER_WRITE_ID, WRITE_ID
from tests.harness.faults import settled as queues_settled
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually
from tests.harness.writer import Writer
from tests.integration.conftest import CLOUD, changes_stack

pytestmark = changes_stack

WRITE_IDS = {WRITE_ID, EARLIER_WRITE_ID}

# LocalStack's StartReplay fails once the archive holds events.
only_where_archives_replay = pytest.mark.skipif(
    CLOUD == "localstack", reason="LocalStack does not replay archives that hold events"
)


def target_of(stack: DeployedStack) -> Target:
    return Target(stack.outputs, stack.client)


def settled(writer: Writer) -> None:
    """Waits until every write has been counted."""
    eventually(lambda: writer.reported_totals() == writer.books.totals(), "statistics that balance")


def stored(stack: DeployedStack) -> dict[str, Any]:
    """The items by task, without the ids of their last writes: no event holds those."""
    items = exported(target_of(stack))
    return {item["taskId"]: {name: item[name] for name in item.keys() - WRITE_IDS} for item in items}


def stored_at_last(stack: DeployedStack, writer: Writer) -> dict[str, Any]:
    """The table's items, once every completed task has its expiry."""

    def complete() -> dict[str, Any] | None:
        tasks = stored(stack)
        return tasks if all("expiresAt" in tasks[task_id] for task_id in writer.completed) else None

    return eventually(complete, "an end for each completed task")


@only_where_archives_replay
def test_a_replay_changes_nothing(stack: DeployedStack, api: httpx.Client) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    writer = Writer(api)
    writer.live_many(range(6))
    settled(writer)
    tasks = stored_at_last(stack, writer)

    for consumer in ("created", "completed"):
        target = target_of(stack)
        await_end(target, start(target, since, datetime.now(UTC) + timedelta(seconds=1), consumer))
    queues_settled(stack)

    assert writer.reported_totals() == writer.books.totals()
    assert stored(stack) == tasks


@only_where_archives_replay
def test_a_lost_table_is_restored_from_an_export_and_the_archive(
    stack: DeployedStack, api: httpx.Client, record_property: Any
) -> None:
    writer = Writer(api)
    writer.live_many(range(12))
    settled(writer)
    stored_at_last(stack, writer)
    export, since = list(exported(target_of(stack))), datetime.now(UTC) - timedelta(seconds=1)
    writer.live_many(range(12, 24))
    changed = writer.create(writer.users[0], "Since the export")
    settled(writer)
    before = stored_at_last(stack, writer)
    assert len(before) > len(export)

    started = time.monotonic()
    name = stack.outputs["table_names"]["tasks"]
    stack.client("dynamodb").delete_table(TableName=name)
    eventually(lambda: name not in stack.client("dynamodb").list_tables()["TableNames"], "a lost table")
    stack.application.mend()
    assert stored(stack) == {}
    mended = time.monotonic()
    memory = remembered(target_of(stack), since, datetime.now(UTC) + timedelta(seconds=1))
    put = restore(target_of(stack), export, memory)
    done = time.monotonic()

    after = stored(stack)
    assert put == len(after)
    assert after == before
    assert api.get(f"/tasks/{changed['taskId']}").json() == changed

    # Restored items published no new events, and events of new writes are received.
    writer.live_many(range(24, 27))
    settled(writer)

    figures = (
        f"{len(before)} tasks, {len(export)} of them from the export, {memory.received} events replayed: "
        f"table made again in {mended - started:.1f} s, tasks back in {done - mended:.1f} s"
    )
    record_property("restore drill", figures)
    print(figures)
