"""Items that have a version: each is changed by who has read its newest one, also when an answer is lost."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import condition_failed, transient_failures, was_retried
from services.adapters.dynamodb.wire import to_wire
from services.adapters.dynamodb.write_ids import KEEP_WRITE_IDS, WRITE_ID_NAMES, new_write_id, was_written_by
from services.core.errors import StaleVersion

Item = dict[str, Any]


class VersionedItems:
    """The items of one table, by their keys as DynamoDB writes them."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, key: Item) -> Item | None:
        """The newest state of an item."""
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def update(self, key: Item, version: int, fields: Mapping[str, object], gone: Iterable[str] = ()) -> None:
        """Sets `fields` and removes those that are `gone`, at this version only. Raises StaleVersion."""
        write_id = new_write_id()
        names = {f"#{number}": name for number, name in enumerate(fields)}
        values = {f":{number}": to_wire(value) for number, value in enumerate(fields.values())}
        removed = {f"#gone{number}": name for number, name in enumerate(gone)}
        sets = [KEEP_WRITE_IDS, *(f"#{number} = :{number}" for number in range(len(fields)))]
        request = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": f"SET {', '.join(sets)}"
            + (f" REMOVE {', '.join(removed)}" if removed else ""),
            "ConditionExpression": "#current = :current",
            "ExpressionAttributeNames": names | removed | WRITE_ID_NAMES | {"#current": "version"},
            "ExpressionAttributeValues": values | {":current": to_wire(version), ":writeId": {"S": write_id}},
        }
        self.write(self._client.update_item, request, lambda held: was_written_by(write_id, held))

    def delete(self, key: Item, version: int, correlation_id: str) -> None:
        """Removes the item, at this version only. Raises StaleVersion.

        A removal shows the stream only what the item held before, so the cause is noted on the item
        first. Should the second call never happen, the item stands unchanged, its version too.
        """
        self.update(key, version, {"correlationId": correlation_id})
        request = {
            "TableName": self._table,
            "Key": key,
            "ConditionExpression": "#version = :version AND #cause = :cause",
            "ExpressionAttributeNames": {"#version": "version", "#cause": "correlationId"},
            "ExpressionAttributeValues": {":version": to_wire(version), ":cause": {"S": correlation_id}},
        }
        # It existed a moment ago: if a retry finds it gone, the first attempt has removed it.
        self.write(self._client.delete_item, request, lambda held: held is None)

    def write(
        self,
        operation: Callable[..., object],
        request: Mapping[str, Any],
        is_applied: Callable[[Item | None], bool],
    ) -> None:
        """Writes one item. Raises StaleVersion if the condition fails and `is_applied` denies the held item.

        An attempt may be applied and its answer lost. Then the condition fails for the SDK's next attempt.
        """
        try:
            with transient_failures("DynamoDB"):
                operation(**request)
        except ClientError as error:
            if not condition_failed(error):
                raise
            if not was_retried(error) or not is_applied(self.get(request["Key"])):
                raise StaleVersion from error
