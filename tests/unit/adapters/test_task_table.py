"""Restoring tasks to the table, and counting them."""

from typing import Any

import pytest

from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_from_item, task_to_item
from services.adapters.dynamodb.wire import item_from_wire
from services.core.status import Status
from services.core.task import Task, next_version
from tests.harness.builders import a_task
from tests.harness.fakes import NOON
from tests.unit.adapters.conftest import Stubbed
from tests.unit.adapters.small_dynamodb import SmallDynamoDB


@pytest.fixture
def tables() -> SmallDynamoDB:
    return SmallDynamoDB()


@pytest.fixture
def client(tables: SmallDynamoDB) -> Any:
    return tables.client()


@pytest.fixture
def table(client: Any) -> TaskTable:
    return TaskTable(client, "tasks", status_shards=1)


def stored(task: Task, **beside: Any) -> dict[str, Any]:
    return item_from_wire(task_to_item(task, "cause", 50)) | beside


def test_a_lost_task_is_restored_with_all_its_attributes(
    table: TaskTable, client: Any, tables: SmallDynamoDB
) -> None:
    task = a_task()

    assert table.put_newer(stored(task, expiresAt=7))

    assert DynamoDBTaskStore(client, "tasks").get(task.task_id) == task
    assert tables.tables["tasks"][task.task_id]["expiresAt"] == {"N": "7"}


def test_a_task_is_restored_to_a_shard_of_this_table(table: TaskTable, tables: SmallDynamoDB) -> None:
    task = a_task()

    table.put_newer(stored(task))

    assert tables.tables["tasks"][task.task_id]["statusShard"] == {"S": "pending#0"}


@pytest.mark.parametrize("restored", [1, 2])
def test_the_same_or_a_newer_version_is_left_alone(
    table: TaskTable, tables: SmallDynamoDB, restored: int
) -> None:
    first = a_task()
    second = next_version(first, NOON, title="Newer")
    table.put_newer(stored(second, correlation="kept"))

    assert not table.put_newer(stored([first, second][restored - 1]))

    assert task_from_item(tables.tables["tasks"][first.task_id]) == second
    assert "correlation" in tables.tables["tasks"][first.task_id]


def test_an_older_version_is_replaced(table: TaskTable, tables: SmallDynamoDB) -> None:
    first = a_task()
    table.put_newer(stored(first))

    assert table.put_newer(stored(second := next_version(first, NOON, title="Newer")))

    assert task_from_item(tables.tables["tasks"][first.task_id]) == second


def test_a_count_adds_up_all_pages_of_all_shards(stubbed: Stubbed) -> None:
    client, script = stubbed("dynamodb")
    last = {"taskId": {"S": "one"}}

    def expect(shard: str, count: int, after: Any = None, more: Any = None) -> None:
        asked = {
            "TableName": "tasks",
            "IndexName": "by-status",
            "Select": "COUNT",
            "KeyConditionExpression": "#shard = :shard",
            "ExpressionAttributeNames": {"#shard": "statusShard"},
            "ExpressionAttributeValues": {":shard": {"S": shard}},
        }
        script.add_response(
            "query",
            {"Count": count} | ({"LastEvaluatedKey": more} if more else {}),
            asked | ({"ExclusiveStartKey": after} if after else {}),
        )

    expect("pending_approval#0", 1, more=last)
    expect("pending_approval#0", 2, after=last)
    expect("pending_approval#1", 4)

    assert TaskTable(client, "tasks", status_shards=2).count(Status.PENDING_APPROVAL) == 7
