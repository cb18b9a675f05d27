"""The fields that stored tasks lack are written while the table is in use (docs/changing-data.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from scripts.base.failure import Failure
from scripts.base.waiting import Clock
from scripts.deployments.target import Target
from scripts.documents.frozen_forms import forms
from scripts.operators import backfill as command
from scripts.operators.backfill import Pages, Progress, backfill
from scripts.operators.deliveries import TASKS, record_of
from services.adapters.dynamodb.stream import write_of
from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_from_item
from services.adapters.dynamodb.wire import item_from_wire
from services.core.events import events_of
from services.core.ids import new_task_id
from services.core.status import Status
from services.core.task import Task, next_version
from tests.harness.builders import a_task
from tests.harness.command_line import task_manager
from tests.harness.fakes import NOON
from tests.harness.lost_answers import LossyTransport
from tests.unit.adapters.small_dynamodb import Refused, SmallDynamoDB

Item = dict[str, Any]


class ColouredTask(Task):
    """The task of the next release: with fields that stored tasks lack."""

    colour: str = "none"
    initial: str = Field(default_factory=lambda task: task["title"][:1])


def coloured(item: Mapping[str, Any]) -> ColouredTask:
    return ColouredTask.model_validate(item_from_wire(item), strict=False)


class ThrottledDynamoDB(SmallDynamoDB):
    """It refuses updates of one item for a while, where it is told to."""

    refused_update: str | None = None

    def _UpdateItem(self, asked: Item) -> Item:  # noqa: N802
        if asked["Key"]["taskId"]["S"] == self.refused_update:
            raise Refused({"__type": "ThrottlingException"})
        return super()._UpdateItem(asked)


@dataclass
class World:
    """A table, the store that live requests write to it with, and the backfill of the next release."""

    tables: ThrottledDynamoDB = field(default_factory=ThrottledDynamoDB)

    def __post_init__(self) -> None:
        self.store = DynamoDBTaskStore(self.tables.client(), "tasks")
        self.client = self.tables.client()
        self.table = TaskTable(self.client, "tasks", status_shards=1, read=coloured)
        self.pages = Pages(self.client, "tasks")
        self.lossy = LossyTransport(self.client)
        self.seconds = 0.0

    @property
    def items(self) -> dict[str, Item]:
        return self.tables.tables["tasks"]

    def store_tasks(self, number: int) -> list[Task]:
        tasks = [a_task(task_id=new_task_id(NOON + timedelta(seconds=each))) for each in range(number)]
        for task in tasks:
            self.store.put_new(task, "cause")
        return tasks

    def backfill(self, rate: int = 1000, after: str | None = None) -> Progress:
        progress = Progress(after)
        backfill(self.pages, self.table, progress, rate, clock=Clock(lambda: self.seconds, self._sleep))
        return progress

    def _sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def world() -> World:
    return World()


def test_every_item_gets_the_fields_and_keeps_the_rest(world: World) -> None:
    world.store_tasks(3)
    before = {task_id: dict(item) for task_id, item in world.items.items()}

    progress = world.backfill()

    added = {"colour": {"S": "none"}, "initial": {"S": "W"}}
    assert (progress.read, progress.written) == (3, 3)
    assert world.items == {task_id: item | added for task_id, item in before.items()}


def test_a_second_run_writes_nothing(world: World) -> None:
    world.store_tasks(3)
    world.backfill()

    assert world.backfill().written == 0
    assert world.lossy.sent["UpdateItem"] == 3


def test_a_value_that_is_there_stays(world: World) -> None:
    (task,) = world.store_tasks(1)
    world.items[task.task_id]["colour"] = {"S": "red"}

    world.backfill()

    assert world.items[task.task_id]["colour"] == {"S": "red"}


def test_a_live_write_between_reading_and_writing_is_kept(world: World) -> None:
    (task,) = world.store_tasks(1)
    del world.items[task.task_id]["statusShard"]
    newer = next_version(task, NOON, status=Status.IN_PROGRESS)
    world.lossy.follow_next_answer("Scan", lambda: world.store.replace(task, newer, "live"))

    progress = world.backfill()

    item = world.items[task.task_id]
    assert (progress.written, task_from_item(item)) == (1, newer)
    assert (item["colour"], item["correlationId"]) == ({"S": "none"}, {"S": "live"})
    assert item["statusShard"] == {"S": "in_progress#0"}, "of the status that the live write set"


def test_a_task_that_is_deleted_meanwhile_stays_deleted(world: World) -> None:
    (task,) = world.store_tasks(1)
    world.lossy.follow_next_answer("Scan", lambda: world.store.delete(task, "live"))

    progress = world.backfill()

    assert (progress.read, progress.written, world.items) == (1, 0, {})


def test_a_write_whose_answer_is_lost_is_repeated(world: World) -> None:
    (task,) = world.store_tasks(1)
    world.lossy.lose_next_answer("UpdateItem")

    assert world.backfill().written == 1
    assert world.items[task.task_id]["colour"] == {"S": "none"}


def test_a_backfill_publishes_no_event(world: World) -> None:
    (task,) = world.store_tasks(1)
    before = dict(world.items[task.task_id])

    world.backfill()

    images = {"OldImage": before, "NewImage": world.items[task.task_id]}
    assert images["OldImage"] != images["NewImage"]
    assert events_of(write_of(record_of(images, "MODIFY", TASKS))) == []


def test_the_rate_is_kept(world: World) -> None:
    world.store_tasks(20)

    world.backfill(rate=4)

    assert world.seconds == 4.0, "five pages of four tasks, a second from one to the next"
    assert (world.lossy.sent["Scan"], world.lossy.sent["UpdateItem"]) == (5, 20)


def test_an_interrupted_run_goes_on_where_it_was(world: World) -> None:
    tasks = world.store_tasks(6)

    def interrupt() -> None:
        world.lossy.follow_next_answer("UpdateItem", stop)

    def stop() -> None:
        raise KeyboardInterrupt

    progress = Progress()
    world.lossy.follow_next_answer("Scan", lambda: world.lossy.follow_next_answer("Scan", interrupt))
    with pytest.raises(KeyboardInterrupt):
        backfill(world.pages, world.table, progress, 2, clock=Clock(lambda: 0.0, lambda _: None))
    rest = world.backfill(after=progress.after)

    assert progress.after == tasks[1].task_id
    assert (rest.read, rest.written) == (4, 3), "one of the four was written before the interruption"
    assert all("colour" in item for item in world.items.values())


def test_an_item_that_is_no_task_is_named_and_the_rest_is_written(world: World) -> None:
    one, other = world.store_tasks(2)
    del world.items[one.task_id]["title"]

    progress = world.backfill()

    assert list(progress.unreadable) == [one.task_id]
    assert "title" in progress.unreadable[one.task_id]
    assert "colour" in world.items[other.task_id]


@pytest.mark.parametrize("name", forms("tasks"))
def test_a_frozen_form_becomes_one_that_todays_lists_find(name: str) -> None:
    tables = SmallDynamoDB()
    before = forms("tasks")[name]
    tables.put("tasks", dict(before))

    client = tables.client()
    backfill(Pages(client, "tasks"), TaskTable(client, "tasks", status_shards=1), Progress(), 9)

    (after,) = tables.tables["tasks"].values()
    assert after == before | {"statusShard": {"S": f"{before['status']['S']}#0"}}


# --- the command


class Deployment(Target):
    """A deployment with nothing but the table of tasks."""

    def setting(self, function: str, name: str) -> str:
        return "1"


@pytest.fixture
def deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    target = Deployment({"table_names": {"tasks": "tasks"}}, lambda _: world.client)
    monkeypatch.setattr(command, "chosen_target", lambda *_, **__: target)
    return world


def test_the_command_tells_what_it_has_written(deployed: World, capsys: pytest.CaptureFixture[str]) -> None:
    for task in deployed.store_tasks(3):
        del deployed.items[task.task_id]["statusShard"]

    task_manager("backfill")

    assert "3 tasks read, 3 written." in capsys.readouterr().out
    assert {item["statusShard"]["S"] for item in deployed.items.values()} == {"pending#0"}


def test_the_command_names_the_place_to_go_on_from(deployed: World) -> None:
    tasks = deployed.store_tasks(3)
    for task in tasks:
        del deployed.items[task.task_id]["statusShard"]
    deployed.tables.refused_update = tasks[2].task_id

    with pytest.raises(Failure) as failed:
        task_manager("backfill")
    deployed.tables.refused_update = None

    task_manager("backfill", f"--after={tasks[1].task_id}")

    assert f"3 tasks read, 2 written; go on with AFTER={tasks[1].task_id}" in str(failed.value)
    assert all("statusShard" in item for item in deployed.items.values())


def test_the_command_fails_with_the_names_of_items_that_it_cannot_read(deployed: World) -> None:
    (task,) = deployed.store_tasks(1)
    del deployed.items[task.task_id]["title"]

    with pytest.raises(Failure, match=f"{task.task_id}: .*title"):
        task_manager("backfill")
