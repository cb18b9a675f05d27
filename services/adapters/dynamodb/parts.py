"""Tables of entities that belong to a task: the partition is the task, the sort key the entity's own id."""

from typing import Any, Generic

from botocore.exceptions import ClientError
from pydantic import BaseModel

from services.adapters.aws import condition_failed, transient_failures
from services.adapters.dynamodb.versioned import VersionedItems
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire
from services.core.parts import AnyPart

Item = dict[str, Any]


class DynamoDBPartStore(Generic[AnyPart]):
    """A PartStore on DynamoDB; `id_attribute` names the sort key, such as `commentId`."""

    def __init__(self, client: Any, table: str, model: type[AnyPart], id_attribute: str) -> None:
        self._client = client
        self._table = table
        self._items = VersionedItems(client, table)
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
            if not condition_failed(error):
                raise

    def get(self, task_id: str, part_id: str) -> AnyPart | None:
        """See PartStore."""
        item = self._items.get({"taskId": {"S": task_id}, self._id: {"S": part_id}})
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
        self._items.update(self._key(old), old.version, fields | {"correlationId": correlation_id})

    def delete(self, part: AnyPart, correlation_id: str) -> None:
        """See PartStore."""
        self._items.delete(self._key(part), part.version, correlation_id)

    def _key(self, part: AnyPart) -> Item:
        document = _document(part)
        return {name: {"S": document[name]} for name in ("taskId", self._id)}

    def _part(self, item: Item) -> AnyPart:
        assert issubclass(self._model, BaseModel)  # noqa: S101 - every entity is a model
        # Not strict: lists and strings come back where a model has tuples and enumerations.
        return self._model.model_validate(item_from_wire(item), strict=False)


def _document(part: AnyPart) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True)
