"""The `feed` table: recent events, in the order in which they occurred."""

from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire
from services.core.feed import KEEP_FOR, FeedEntry
from services.core.moments import epoch_seconds, parse_timestamp

# One partition, so that one query gives the newest of all. It takes 1,000 writes a second and then refuses
# for a while; the queue in front of it waits, and the feed, which nothing depends on, comes late.
_FEED = "tasks"


class DynamoDBFeedStore:
    """A FeedStore on DynamoDB: partition `feed`, sorted by `position`, with an index by user."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def record(self, entry: FeedEntry) -> None:
        """See FeedStore."""
        item = entry.model_dump(mode="json", by_alias=True) | {
            "feed": _FEED,
            # The same event has the same place, however often it comes.
            "position": f"{entry.occurred_at}#{entry.event_id}",
            "expiresAt": epoch_seconds(parse_timestamp(entry.recorded_at) + KEEP_FOR),
        }
        try:
            with transient_failures("DynamoDB"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item_to_wire(item),
                    ConditionExpression="attribute_not_exists(#feed)",
                    ExpressionAttributeNames={"#feed": "feed"},
                )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise

    def newest(self, user_id: str | None, limit: int) -> tuple[FeedEntry, ...]:
        """See FeedStore."""
        key, value = ("feed", _FEED) if user_id is None else ("userId", user_id)
        index = {} if user_id is None else {"IndexName": "by-user"}
        with transient_failures("DynamoDB"):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#partition = :partition",
                ExpressionAttributeNames={"#partition": key},
                ExpressionAttributeValues={":partition": {"S": value}},
                ScanIndexForward=False,
                Limit=limit,
                **index,
            )
        return tuple(_entry(item) for item in answer["Items"])


def _entry(item: dict[str, Any]) -> FeedEntry:
    # Not strict: lists and strings come back where the model has tuples and enumerations.
    return FeedEntry.model_validate(item_from_wire(item), strict=False)
