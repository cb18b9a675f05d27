"""The `tasks` table (and `idempotency`, which is written in one transaction with it)."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import condition_failed, transient_failures
from services.adapters.dynamodb.shards import STATUS_SHARD, read_each, shards_of, status_shard
from services.adapters.dynamodb.versioned import VersionedItems
from services.adapters.dynamodb.wire import from_wire, item_from_wire, item_to_wire, to_wire
from services.core.errors import ServiceUnavailable, StaleVersion
from services.core.listing import Page, TaskFilter
from services.core.ports import IdempotencyRecord
from services.core.retries import retry_lost_race
from services.core.status import Status
from services.core.task import Task

BY_STATUS = "by-status"
BY_USER = "by-user"

# A filter on top of an index may pass over many items: a page may come back short, with a cursor,
# rather than one request reading a partition to its end.
MAX_ROUND_TRIPS = 4

# Two transactions on one idempotency key collide; the loser then reads the winner's record. After the last
# attempt the caller gets 503 with Retry-After.
_MAX_TRANSACTION_ATTEMPTS = 4

Item = dict[str, Any]


def task_to_item(task: Task, correlation_id: str, status_shards: int = 1) -> Item:
    """The item of a task. `correlationId` is the request behind this version: events carry it on."""
    shard = status_shard(task.status, task.task_id, status_shards)
    return item_to_wire(task.as_document() | {"correlationId": correlation_id, STATUS_SHARD: shard})


def task_from_item(item: Mapping[str, Any]) -> Task:
    """The task of an item; attributes that are not the task's own (expiresAt …) are left out."""
    return Task.model_validate(item_from_wire(item), strict=False)


def record_from_item(item: Mapping[str, Any]) -> IdempotencyRecord:
    """The record of an item of the table `idempotency`."""
    plain = item_from_wire(item)
    task = Task.model_validate(plain["task"], strict=False)
    return IdempotencyRecord(plain["id"], plain["fingerprint"], task, plain["expiresAt"])


class DynamoDBTaskStore:
    """A TaskStore on DynamoDB. Only `put_new_once` needs `idempotency_table`.

    A status is written to and read from as many partitions as `status_shards` sets (docs/scaling.md).
    """

    def __init__(self, client: Any, table: str, idempotency_table: str = "", status_shards: int = 1) -> None:
        self._client = client
        self._table = table
        self._items = VersionedItems(client, table)
        self._idempotency_table = idempotency_table
        self._status_shards = status_shards

    def put_new(self, task: Task, correlation_id: str) -> None:
        """See TaskStore."""
        try:
            with transient_failures("DynamoDB"):
                self._client.put_item(**self._put_new(task, correlation_id))
        except ClientError as error:
            # The id is new: an existing item is from our own first attempt, whose answer was lost.
            if not condition_failed(error):
                raise

    def put_new_once(self, record: IdempotencyRecord, now: int, correlation_id: str) -> IdempotencyRecord:
        """See TaskStore."""
        writes = [
            {"Put": self._put_record(record, now)},
            {"Put": self._put_new(record.task, correlation_id)},
        ]

        def attempt() -> IdempotencyRecord:
            if self._transact(writes):
                return record
            if (held := self._get_record(record.key)) is not None and held.expires_at > now:
                return held
            raise StaleVersion

        contended = ServiceUnavailable("conflict in DynamoDB: other requests hold this idempotency key")
        return retry_lost_race(attempt, _MAX_TRANSACTION_ATTEMPTS, contended)

    def get(self, task_id: str) -> Task | None:
        """See TaskStore."""
        return task_from_item(item) if (item := self._items.get(_key(task_id))) else None

    def replace(self, old: Task, new: Task, correlation_id: str) -> None:
        """See TaskStore. Touches only what differs, so that other writers' attributes stay."""
        before, after = old.as_document(), new.as_document()
        fields = {name: value for name, value in after.items() if before.get(name) != value}
        # Set with every change, for tasks that were written with another number of shards or none.
        shard = status_shard(new.status, new.task_id, self._status_shards)
        gone = before.keys() - after.keys()
        self._items.update(
            _key(old.task_id),
            old.version,
            fields | {"correlationId": correlation_id, STATUS_SHARD: shard},
            gone,
        )

    def delete(self, task: Task, correlation_id: str) -> None:
        """See TaskStore."""
        self._items.delete(_key(task.task_id), task.version, correlation_id)

    def expire(self, task_id: str, at: int) -> None:
        """See Retention: sets the table's time to live, which is no new version of the task."""
        try:
            with transient_failures("DynamoDB"):
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(task_id),
                    UpdateExpression="SET #expiry = :expiry",
                    ConditionExpression="attribute_exists(taskId)",
                    ExpressionAttributeNames={"#expiry": "expiresAt"},
                    ExpressionAttributeValues={":expiry": to_wire(at)},
                )
        except ClientError as error:
            if not condition_failed(error):  # a deleted task needs no expiry
                raise

    def newest(self, listing: TaskFilter, limit: int, after: str | None) -> Page:
        """See TaskStore. Without a user, merges the partitions of the statuses asked for."""
        if listing.user_id is not None:
            items, rest = self._newest_in(BY_USER, "userId", listing.user_id, limit, after, listing.status)
            return _page(items, limit, rest)
        statuses = list(Status) if listing.status is None else [listing.status]
        partitions = [key for status in statuses for key in shards_of(status, self._status_shards)]

        def newest_in(partition: str) -> list[Item]:
            return self._newest_in(BY_STATUS, STATUS_SHARD, partition, limit, after)[0]

        newest: dict[str, Item] = {}
        for items in read_each(newest_in, partitions, self._status_shards):
            # A task that changes status between two of these queries may be seen in both.
            newest |= {item["taskId"]["S"]: item for item in items}
            newest = {task_id: newest[task_id] for task_id in sorted(newest, reverse=True)[: limit + 1]}
        return _page(list(newest.values()), limit)

    def _newest_in(
        self, index: str, key: str, value: str, limit: int, after: str | None, status: Status | None = None
    ) -> tuple[list[Item], str | None]:
        """More than `limit` items of one partition if it has them, and the id that the reading ended at.

        That id is None at the partition's end. Without `status` the round trips always suffice: a page
        of the largest tasks is 2 MB, and each trip brings 1 MB.
        """
        items: list[Item] = []
        for _ in range(MAX_ROUND_TRIPS):
            request = _query(self._table, index, {key: value}, limit + 1, after, status)
            with transient_failures("DynamoDB"):
                answer = self._client.query(**request)
            items += answer["Items"]
            last = answer.get("LastEvaluatedKey")
            after = last and str(from_wire(last["taskId"]))
            if after is None or len(items) > limit:
                break
        return items, after

    def _transact(self, writes: list[dict[str, Any]]) -> bool:
        """Whether the writes took place; not, when another holds or contends for one of the items."""
        try:
            with transient_failures("DynamoDB"):
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            if reasons & {"ConditionalCheckFailed", "TransactionConflict"}:
                return False
            raise
        return True

    def _put_new(self, task: Task, correlation_id: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": task_to_item(task, correlation_id, self._status_shards),
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": "taskId"},
        }

    def _put_record(self, record: IdempotencyRecord, now: int) -> dict[str, Any]:
        item = {
            "id": record.key,
            "fingerprint": record.fingerprint,
            "task": record.task.as_document(),
            "expiresAt": record.expires_at,
        }
        return {
            "TableName": self._idempotency_table,
            "Item": item_to_wire(item),
            # DynamoDB removes expired items with a delay: until then they must not count.
            "ConditionExpression": "attribute_not_exists(#id) OR #expiry <= :now",
            "ExpressionAttributeNames": {"#id": "id", "#expiry": "expiresAt"},
            "ExpressionAttributeValues": {":now": to_wire(now)},
        }

    def _get_record(self, key: str) -> IdempotencyRecord | None:
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(
                TableName=self._idempotency_table, Key={"id": {"S": key}}, ConsistentRead=True
            )
        return record_from_item(answer["Item"]) if "Item" in answer else None


def _key(task_id: str) -> Item:
    return {"taskId": {"S": task_id}}


def _query(
    table: str, index: str, key: dict[str, str], limit: int, after: str | None, status: Status | None
) -> dict[str, Any]:
    """The request for the newest items of a partition, older than the id `after`."""
    ((name, value),) = key.items()
    condition, names, values = "#key = :key", {"#key": name}, {":key": to_wire(value)}
    request: dict[str, Any] = {"Limit": limit, "ScanIndexForward": False}
    if after is not None:
        # Not ExclusiveStartKey: this holds though the task `after` has moved to another partition.
        condition += " AND #id < :after"
        names["#id"] = "taskId"
        values[":after"] = to_wire(after)
    if status is not None:
        request["FilterExpression"] = "#status = :status"
        names["#status"] = "status"
        values[":status"] = to_wire(status)
    return request | {
        "TableName": table,
        "IndexName": index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _page(items: list[Item], limit: int, after: str | None = None) -> Page:
    """The first `limit` tasks; the next page begins after the last of them, or else after `after`."""
    tasks = tuple(task_from_item(item) for item in items[:limit])
    return Page(tasks, tasks[-1].task_id if len(items) > limit else after)
