"""The `feed` table: recent events, in the order in which they occurred."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import condition_failed, transient_failures
from services.adapters.dynamodb.shards import feed_shard, read_each, shard_of
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire
from services.core.feed import KEEP_FOR, EntityEntry, Entry, FeedEntry
from services.core.moments import Clock, epoch_seconds, parse_timestamp

Item = dict[str, Any]


def entry_from_item(item: Mapping[str, Any]) -> Entry:
    """The entry of an item."""
    # Not strict: lists and strings come back where the model has tuples and enumerations.
    model = EntityEntry if "entity" in item else FeedEntry
    return model.model_validate(item_from_wire(item), strict=False)


class DynamoDBFeedStore:
    """A FeedStore on DynamoDB: partition `feed`, sorted by `position`, with an index by user.

    The feed is spread over `shards` partitions, each of which takes 1,000 writes a second (docs/scaling.md).
    Beyond that DynamoDB throttles and `record` raises ServiceUnavailable: the queue delivers the event again,
    and after five receives in vain it is in the queue's dead-letter queue, where `make redrive` finds it.
    """

    def __init__(self, client: Any, table: str, shards: int, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._shards = shards
        self._clock = clock

    def record(self, entry: Entry) -> None:
        """See FeedStore."""
        item = entry.model_dump(mode="json", by_alias=True) | {
            "feed": feed_shard(shard_of(entry.event_id, self._shards)),
            # An event has the same position however often it is delivered.
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
            if not condition_failed(error):
                raise

    def newest(self, user_id: str | None, limit: int) -> tuple[Entry, ...]:
        """See FeedStore. Without a user, merges the shards."""
        if user_id is not None:
            found = self._newest_in("userId", user_id, limit, IndexName="by-user")
        else:
            partitions = [feed_shard(shard) for shard in range(self._shards)]
            read = read_each(lambda shard: self._newest_in("feed", shard, limit), partitions, self._shards)
            found = [item for items in read for item in items]
        # DynamoDB removes expired items within days, and returns them until then.
        now = epoch_seconds(self._clock())
        found = [item for item in found if int(item["expiresAt"]["N"]) > now]
        # An event that was delivered again after `shards` changed is in two of them: the first entry counts.
        found.sort(key=lambda item: item["recordedAt"]["S"], reverse=True)
        first = {item["position"]["S"]: item for item in found}
        return tuple(entry_from_item(first[position]) for position in sorted(first, reverse=True)[:limit])

    def _newest_in(self, key: str, value: str, limit: int, **index: str) -> list[Item]:
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
        return list(answer["Items"])
