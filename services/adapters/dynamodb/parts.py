"""Tables of entities that belong to a task: the partition is the task, the sort key the entity's own id."""

from collections.abc import Callable, Mapping
from typing import Any, Generic

from botocore.exceptions import ClientError
from pydantic import BaseModel

from services.adapters.aws import error_code, transient_failures, was_retried
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire, to_wire
from services.adapters.dynamodb.write_ids import KEEP_WRITE_IDS, WRITE_ID_NAMES, new_write_id, was_written_by
from services.core.errors import StaleVersion
from services.core.parts import AnyPart

Item = dict[str, Any]


class DynamoDBPartStore(Generic[AnyPart]):
    """A PartStore on DynamoDB; `id_attribute` names the sort key, such as `commentId`."""

    def __init__(self, client: Any, table: str, model: type[AnyPart], id_attribute: str) -> None:
        self._client = client
        self._table = table
        self._model = model
        self._id = id_attribute

    def put_new(self, part: AnyPart, correlation_id: str) -> None:
        """See PartStore."""
        try:
            with transient_failures("DynamoDB"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item_to_wire(_document(part) | {"correlationId": correlation_id}),
                    ConditionExpression="attribute_not_exists(#id)",
                    ExpressionAttributeNames={"#id": self._id},
                )
        except ClientError as error:
            # The id is new: an existing item is from our own first attempt, whose answer was lost.
            if error_code(error) != "ConditionalCheckFailedException":
                raise

    def get(self, task_id: str, part_id: str) -> AnyPart | None:
        """See PartStore."""
        item = self._item({"taskId": {"S": task_id}, self._id: {"S": part_id}})
        return self._part(item) if item else None

    def of_task(self, task_id: str, limit: int) -> tuple[AnyPart, ...]:
        """See PartStore."""
        with transient_failures("DynamoDB"):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#task = :task",
                ExpressionAttributeNames={"#task": "taskId"},
                ExpressionAttributeValues={":task": {"S": task_id}},
                ScanIndexForward=True,
                Limit=limit,
            )
        return tuple(self._part(item) for item in answer["Items"])

    def replace(self, old: AnyPart, new: AnyPart, correlation_id: str) -> None:
        """See PartStore. Touches only what differs, so that other writers' attributes stay."""
        before = _document(old)
        fields = {name: value for name, value in _document(new).items() if before.get(name) != value}
        self._update(old, fields | {"correlationId": correlation_id})

    def delete(self, part: AnyPart, correlation_id: str) -> None:
        """See PartStore. The cause is noted on the item first, as the stream shows what was removed."""
        self._update(part, {"correlationId": correlation_id})
        request = {
            "TableName": self._table,
            "Key": self._key(part),
            "ConditionExpression": "#version = :version AND #cause = :cause",
            "ExpressionAttributeNames": {"#version": "version", "#cause": "correlationId"},
            "ExpressionAttributeValues": {":version": to_wire(part.version), ":cause": {"S": correlation_id}},
        }
        # It existed a moment ago: if a retry finds it gone, the first attempt has removed it.
        self._write(self._client.delete_item, request, lambda held: held is None)

    def _update(self, part: AnyPart, fields: Mapping[str, object]) -> None:
        write_id = new_write_id()
        names = {f"#{number}": name for number, name in enumerate(fields)}
        values = {f":{number}": to_wire(value) for number, value in enumerate(fields.values())}
        sets = [KEEP_WRITE_IDS, *(f"#{number} = :{number}" for number in range(len(fields)))]
        request = {
            "TableName": self._table,
            "Key": self._key(part),
            "UpdateExpression": f"SET {', '.join(sets)}",
            "ConditionExpression": "#current = :current",
            "ExpressionAttributeNames": names | WRITE_ID_NAMES | {"#current": "version"},
            "ExpressionAttributeValues": values
            | {":current": to_wire(part.version), ":writeId": {"S": write_id}},
        }
        self._write(self._client.update_item, request, lambda held: was_written_by(write_id, held))

    def _write(
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
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            if not was_retried(error) or not is_applied(self._item(request["Key"])):
                raise StaleVersion from error

    def _key(self, part: AnyPart) -> Item:
        document = _document(part)
        return {name: {"S": document[name]} for name in ("taskId", self._id)}

    def _item(self, key: Item) -> Item | None:
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _part(self, item: Item) -> AnyPart:
        assert issubclass(self._model, BaseModel)  # noqa: S101 - every entity is a model
        # Not strict: lists and strings come back where a model has tuples and enumerations.
        return self._model.model_validate(item_from_wire(item), strict=False)


def _document(part: AnyPart) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True)
