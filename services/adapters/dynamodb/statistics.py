"""The `statistics` table: totals by user, and a marker for each event that was counted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.adapters.backoff import Backoff
from services.adapters.dynamodb.wire import item_from_wire, item_to_wire, to_wire
from services.core.errors import ServiceUnavailable, StaleVersion
from services.core.moments import Clock, epoch_seconds
from services.core.retries import retry_lost_race
from services.core.statistics import Completion, UserStatistics

# Reactions to several of a user's tasks collide on the one item of totals. After these attempts the queue
# delivers the event again.
MAX_ATTEMPTS = 8


class DynamoDBStatisticsStore:
    """A StatisticsStore on DynamoDB.

    The marker of an event and what it counts for are one transaction: a repeated delivery finds the
    marker. Markers are kept for `keep_markers`, longer than any event can come back; zero is for ever.
    """

    def __init__(
        self,
        client: Any,
        table: str,
        keep_markers: timedelta,
        clock: Clock,
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._table = table
        self._keep_markers = keep_markers
        self._clock = clock
        self._backoff = backoff or Backoff()

    def count_created(self, event_id: str, user_id: str) -> bool:
        """See StatisticsStore."""
        return self._count(event_id, self._add(user_id, {"created": 1}))

    def count_completed(self, event_id: str, user_id: str, completion: Completion) -> bool:
        """See StatisticsStore."""
        totals = {"completed": 1, "completionMilliseconds": completion.milliseconds}
        plain = self._add(user_id, totals)
        latest = plain | {
            "UpdateExpression": plain["UpdateExpression"] + " SET #last = :last",
            "ConditionExpression": "attribute_not_exists(#last) OR #last < :last",
            "ExpressionAttributeNames": plain["ExpressionAttributeNames"] | {"#last": "lastCompletedAt"},
            "ExpressionAttributeValues": plain["ExpressionAttributeValues"]
            | {":last": to_wire(completion.completed_at)},
        }
        # Events come in any order: an earlier completion counts, but is not the last.
        return self._count(event_id, latest, otherwise=plain)

    def of_user(self, user_id: str) -> UserStatistics:
        """See StatisticsStore."""
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key=user_key(user_id))
        return totals_from_item(user_id, answer.get("Item", {}))

    def _add(self, user_id: str, totals: dict[str, int]) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": user_key(user_id),
            "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in totals),
            "ExpressionAttributeNames": {f"#{name}": name for name in totals},
            "ExpressionAttributeValues": {f":{name}": to_wire(number) for name, number in totals.items()},
        }

    def _count(self, event_id: str, update: dict[str, Any], otherwise: dict[str, Any] | None = None) -> bool:
        """Marks the event and updates, or updates `otherwise` where `update`'s condition does not hold."""
        marker = {
            "TableName": self._table,
            "Item": item_to_wire({"id": f"event#{event_id}", **self._expiry()}),
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": "id"},
        }

        def attempt() -> bool:
            nonlocal update
            reasons = self._transact([{"Put": marker}, {"Update": update}])
            if not reasons:
                return True
            if reasons[0] == "ConditionalCheckFailed":
                return False
            if reasons[1] == "ConditionalCheckFailed" and otherwise is not None and update is not otherwise:
                update = otherwise
                return attempt()
            raise StaleVersion

        contended = ServiceUnavailable("conflict in DynamoDB: others write this user's statistics")
        return retry_lost_race(attempt, MAX_ATTEMPTS, contended, self._backoff.pause)

    def _expiry(self) -> dict[str, int]:
        if not self._keep_markers:
            return {}
        return {"expiresAt": epoch_seconds(self._clock() + self._keep_markers)}

    def _transact(self, writes: list[dict[str, Any]]) -> list[str]:
        """Nothing if the writes took place; else why each of them did not."""
        try:
            with transient_failures("DynamoDB"):
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
            if error_code(error) != "TransactionCanceledException" or len(reasons) != len(writes):
                raise
            if not {"ConditionalCheckFailed", "TransactionConflict"} & set(reasons):
                raise
            return reasons
        return []


def totals_from_item(user_id: str, item: Mapping[str, Any]) -> UserStatistics:
    """A user's totals on an item; zeros where it has none."""
    totals = item_from_wire(item)
    completed = totals.get("completed", 0)
    milliseconds = totals.get("completionMilliseconds", 0)
    return UserStatistics(
        user_id=user_id,
        created=totals.get("created", 0),
        completed=completed,
        average_completion_seconds=round(milliseconds / 1000 / completed, 3) if completed else 0.0,
        last_completed_at=totals.get("lastCompletedAt"),
    )


def user_key(user_id: str) -> dict[str, Any]:
    """The key of a user's totals."""
    return {"id": {"S": f"user#{user_id}"}}
