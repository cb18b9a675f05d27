"""What `make verify` removes: see removal.py."""

from pathlib import Path
from typing import Any

import pytest

from scripts.deployments.target import Target
from scripts.operators.verification import removal
from scripts.operators.verification.made import Made
from services.adapters.dynamodb.wire import item_to_wire


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "journal.jsonl")


class SparseQueues:
    """SQS whose dead-letter queue shows its message at the third look only; the source queue is empty."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._looks = 0
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> dict[str, Any]:
        self._looks += 1
        if self._looks != 3:
            return {}
        shown = {"MessageId": "1", "ReceiptHandle": "r1", "Body": self._body}
        return {"Messages": [shown | {"Attributes": {"SentTimestamp": "0"}}]}

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        self.deleted.append(ReceiptHandle)

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return {"Attributes": dict.fromkeys(names, "0")}


ROWS = [
    {"taskId": "t1", "detailType": detail, "feed": "f", "position": detail}
    for detail in ("TaskCreated", "TaskDeleted")
]


class LateTotals:
    """DynamoDB after a task was deleted: the feed has every event, the totals count its creation later."""

    def __init__(self, reads_until_counted: int) -> None:
        self._reads_left = reads_until_counted
        self._feed = [item_to_wire(row) for row in ROWS]
        self.counted_when_deleted: list[bool] = []

    def get_paginator(self, _: str) -> "LateTotals":
        return self

    def paginate(self, *, TableName: str = "", **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Items": list(self._feed) if TableName == "feed" else [], "executions": []}]

    def get_item(self, **_: Any) -> dict[str, Any]:
        self._reads_left -= 1
        return {} if self._reads_left > 0 else {"Item": {"created": {"N": "1"}}}

    def delete_item(self, *, TableName: str, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        if TableName == "statistics":
            self.counted_when_deleted.append(self._reads_left <= 0)
        elif TableName == "feed":
            self._feed = [row for row in self._feed if row["position"] != Key["position"]]
        return {}


class TestRemoval:
    def test_totals_are_removed_after_they_counted_what_came_before_the_deletion(
        self, made: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(removal, "POLL_SECONDS", 0.0)
        dynamodb = LateTotals(reads_until_counted=4)
        tables = {name: name for name in ("tasks", "statistics", "feed")}
        outputs = {"table_names": tables, "archive_bucket": "a", "approval_state_machine_arn": "m"}
        made.user("u1")
        made.task("t1", "u1")

        left = removal.Removal(Target(outputs, lambda _: dynamodb), made, None, 60.0).run(lambda _: None)

        assert left == []
        assert dynamodb.counted_when_deleted
        assert all(dynamodb.counted_when_deleted)

    def test_a_dead_letter_that_a_short_poll_misses_is_polled_for_again(
        self, made: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(removal, "POLL_SECONDS", 0.0)
        sqs = SparseQueues("poison verify-1")
        target = Target(
            {"dead_letter_queue_urls": {"feed": "dead"}, "queue_urls": {"feed": "live"}}, lambda _: sqs
        )
        made.message("feed", "verify-1")

        left = removal.Removal(target, made, None, 0.0).run(lambda _: None)

        assert sqs.deleted == ["r1"]
        assert left == []
        assert not made
