"""The table `approvals`: the waiting workflow and the verdict of each task. Its stream joins the two."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import condition_failed, transient_failures
from services.adapters.dynamodb.wire import UnreadableRecord, item_from_wire, to_wire
from services.core.moments import Clock, epoch_seconds
from services.core.task import Approval
from services.core.verdicts import Verdict, Waiting, holds

# Longer than any workflow waits: approval_timeout_seconds is a year at most. The decision stays on the task.
KEEP_FOR = timedelta(days=400)


def verdict_from_item(item: Mapping[str, Any]) -> Verdict | None:
    """The verdict on an item, or None while there is none."""
    verdict = item_from_wire(item).get("verdict")
    return None if verdict is None else Verdict.model_validate(verdict, strict=False)


def token_from_item(item: Mapping[str, Any]) -> str | None:
    """The token of the workflow that waits, or None while there is none."""
    token = item.get("taskToken")
    return None if token is None else str(token["S"])


@dataclass(frozen=True)
class AwaitedVerdict:
    """A verdict, and the token of the workflow that waits for it."""

    task_id: str
    token: str
    verdict: Verdict


def awaited_verdict(record: Mapping[str, Any]) -> AwaitedVerdict | None:
    """The verdict in a record of the table's stream and who waits; None while one of the two is missing.

    Raises UnreadableRecord.
    """
    try:
        item = record["dynamodb"].get("NewImage") or {}
        token, verdict = token_from_item(item), verdict_from_item(item)
        if token is None or verdict is None or not _is_awaited(verdict, item):
            return None
        return AwaitedVerdict(str(item["taskId"]["S"]), token, verdict)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableRecord(f"not a record of the approvals table: {error!r}") from error


def _is_awaited(verdict: Verdict, item: Mapping[str, Any]) -> bool:
    # Workflows that began to wait under an earlier release stored no version: any verdict is theirs.
    if "taskVersion" not in item:
        return True
    return holds(verdict, int(item["taskVersion"]["N"]), str(item["requestedAt"]["S"]))


# The negation of `holds`: there is no verdict, or it no longer holds.
_NO_VERDICT_HOLDS = (
    "attribute_not_exists(#verdict) OR #verdict.#approval.#taskVersion < :version"
    " OR (attribute_exists(#verdict.#approval) AND attribute_not_exists(#verdict.#approval.#taskVersion)"
    " AND #verdict.#approval.#decidedAt < #requestedAt)"
)
_NAMES = {f"#{name}": name for name in ("verdict", "approval", "taskVersion", "decidedAt", "requestedAt")}


class DynamoDBApprovalStore:
    """An ApprovalStore on DynamoDB."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def wait(self, waiting: Waiting) -> None:
        """See ApprovalStore."""
        fields = {
            "taskToken": waiting.token,
            "taskVersion": waiting.version,
            "requestedAt": waiting.requested_at,
            "deadline": waiting.deadline,
        }
        self._set(waiting.task_id, fields)

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        """See ApprovalStore."""
        verdict = Verdict(kind="decided", approval=approval, correlation_id=correlation_id)
        first = self._set_first(task_id, verdict, approval.task_version or 0)
        return verdict if first else self._get(task_id)

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        """See ApprovalStore."""
        self._set_first(task_id, Verdict(kind="cancelled", correlation_id=correlation_id), version)

    def _set_first(self, task_id: str, verdict: Verdict, version: int) -> bool:
        """Whether the verdict was the first for this version."""
        document = verdict.model_dump(mode="json", by_alias=True, exclude_none=True)
        try:
            self._set(task_id, {"verdict": document}, version)
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def deadline(self, task_id: str) -> str | None:
        """See ApprovalStore."""
        deadline = item_from_wire(self._get_item(task_id)).get("deadline")
        return None if deadline is None else str(deadline)

    def _get_item(self, task_id: str) -> dict[str, Any]:
        with transient_failures("DynamoDB"):
            answer = self._client.get_item(
                TableName=self._table, Key={"taskId": {"S": task_id}}, ConsistentRead=True
            )
        return dict(answer.get("Item", {}))

    def _get(self, task_id: str) -> Verdict:
        verdict = verdict_from_item(self._get_item(task_id))
        assert verdict is not None  # noqa: S101 - it was there when ours was refused, and none removes it
        return verdict

    def _set(self, task_id: str, fields: Mapping[str, object], unless_held_at: int | None = None) -> None:
        values = {**fields, "expiresAt": epoch_seconds(self._clock() + KEEP_FOR)}
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"taskId": {"S": task_id}},
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
            "ExpressionAttributeNames": {f"#{name}": name for name in values},
            "ExpressionAttributeValues": {f":{name}": to_wire(value) for name, value in values.items()},
        }
        if unless_held_at is not None:
            request["ConditionExpression"] = _NO_VERDICT_HOLDS
            request["ExpressionAttributeNames"] |= _NAMES
            request["ExpressionAttributeValues"] |= {":version": to_wire(unless_held_at)}
        with transient_failures("DynamoDB"):
            self._client.update_item(**request)
