"""The `tasks` table as operators use it: what is restored to it, backfilled in it, and how much is in it."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import condition_failed, transient_failures
from services.adapters.dynamodb.shards import STATUS_SHARD, shards_of, status_shard
from services.adapters.dynamodb.tasks import BY_STATUS, task_from_item
from services.adapters.dynamodb.wire import item_to_wire, to_wire
from services.core.errors import ServiceUnavailable, StaleVersion
from services.core.retries import retry_lost_race
from services.core.status import Status
from services.core.task import Task

# Each lost race means that another writer has changed this one task meanwhile.
_MAX_ATTEMPTS = 8

Item = dict[str, Any]


class TaskTable:
    """The table with everything it holds of a task: `expiresAt` and the like, which no event has."""

    def __init__(
        self,
        client: Any,
        table: str,
        status_shards: int,
        read: Callable[[Mapping[str, Any]], Task] = task_from_item,
    ) -> None:
        self._client = client
        self._table = table
        self._status_shards = status_shards
        self._read = read

    def put_newer(self, stored: Mapping[str, Any]) -> bool:
        """Store a task unless that version or a newer one is there; whether it was stored."""
        # Events have no shard, and an export may have one of another table.
        shard = status_shard(stored["status"], stored["taskId"], self._status_shards)
        try:
            with transient_failures("DynamoDB"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item_to_wire({**stored, STATUS_SHARD: shard}),
                    ConditionExpression="attribute_not_exists(taskId) OR #version < :version",
                    ExpressionAttributeNames={"#version": "version"},
                    ExpressionAttributeValues={":version": to_wire(stored["version"])},
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def backfill(self, item: Item) -> bool:
        """Set what an item lacks of today's form: fields that have a default, and its shard of today.

        Whether anything was set. The version stays, so no event is published, and the condition on it keeps
        live writes: after a lost race the item is read again. Raises ValueError for an item that is no task.
        """
        held: Item | None = item

        def attempt() -> bool:
            nonlocal held
            lacking = self._lacking(held) if held else {}
            if not held or not lacking:
                return False
            try:
                self._set(held, lacking)
            except StaleVersion:
                held = self._get(held["taskId"])
                raise
            return True

        contended = ServiceUnavailable(f"others keep writing the task {item['taskId']['S']}")
        return retry_lost_race(attempt, _MAX_ATTEMPTS, contended)

    def _lacking(self, item: Item) -> Item:
        task = self._read(item)
        form = item_to_wire(task.as_document())
        shard = to_wire(status_shard(task.status, task.task_id, self._status_shards))
        lacking = {name: value for name, value in form.items() if name not in item}
        return lacking if item.get(STATUS_SHARD) == shard else lacking | {STATUS_SHARD: shard}

    def _set(self, item: Item, lacking: Item) -> None:
        try:
            with transient_failures("DynamoDB"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"taskId": item["taskId"]},
                    UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in lacking),
                    ConditionExpression="#version = :version",
                    ExpressionAttributeNames={f"#{name}": name for name in (*lacking, "version")},
                    ExpressionAttributeValues={f":{name}": value for name, value in lacking.items()}
                    | {":version": item["version"]},
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise StaleVersion from error

    def _get(self, key: Item) -> Item | None:
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key={"taskId": key}, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def count(self, status: Status) -> int:
        """How many tasks are in a status."""
        return sum(self._count(shard) for shard in shards_of(status, self._status_shards))

    def _count(self, shard: str) -> int:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": BY_STATUS,
            "Select": "COUNT",
            "KeyConditionExpression": "#shard = :shard",
            "ExpressionAttributeNames": {"#shard": STATUS_SHARD},
            "ExpressionAttributeValues": {":shard": to_wire(shard)},
        }
        count = 0
        while True:
            with transient_failures("DynamoDB"):
                page = self._client.query(**request)
            count += int(page["Count"])
            if "LastEvaluatedKey" not in page:
                return count
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
