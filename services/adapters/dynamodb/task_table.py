"""The `tasks` table as operators use it: what is restored to it, and how much is in it."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.adapters.dynamodb.shards import STATUS_SHARD, shards_of, status_shard
from services.adapters.dynamodb.tasks import BY_STATUS
from services.adapters.dynamodb.wire import item_to_wire, to_wire
from services.core.status import Status


class TaskTable:
    """The table with everything it holds of a task: `expiresAt` and the like, which no event has."""

    def __init__(self, client: Any, table: str, status_shards: int) -> None:
        self._client = client
        self._table = table
        self._status_shards = status_shards

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
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

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
