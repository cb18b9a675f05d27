"""The adapters of DynamoDB, held to the stores' contracts on an engine in this process.

In tests/integration, the same on a running cloud. Every condition, index and transaction counts here:
the engine evaluates the expressions as they were written.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from scripts.base.paths import ROOT
from scripts.terraform.hcl import blocks
from services.adapters.dynamodb.approvals import (
    KEEP_FOR,
    DynamoDBApprovalStore,
    token_from_item,
    verdict_from_item,
)
from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.parts import DynamoDBPartStore
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.task_table import TaskTable
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_from_item, task_to_item
from services.adapters.dynamodb.versioned import VersionedItems
from services.adapters.dynamodb.wire import item_to_wire
from services.core.moments import epoch_seconds, system_clock
from services.core.ports import IdempotencyRecord
from services.core.verdicts import Verdict
from tests.contracts.approval_store import ApprovalStoreContract, Held, waiting
from tests.contracts.feed_store import FeedStoreContract
from tests.contracts.lost_answers import LostAnswersContract
from tests.contracts.part_store import Note, PartStoreContract, a_note, changed
from tests.contracts.statistics_store import StatisticsStoreContract
from tests.contracts.task_store import TaskStoreContract
from tests.harness import dynamodb_engine
from tests.harness.builders import a_task
from tests.harness.fakes import NOON
from tests.harness.lost_answers import LossyTransport


@pytest.fixture(scope="module")
def client() -> Any:
    """Tests share the tables, as they do on a running cloud."""
    return dynamodb_engine.emptied()


class TestDynamoDBTaskStore(TaskStoreContract):
    @pytest.fixture(params=[1, 3], ids=["one shard", "three shards"])
    def store(self, request: pytest.FixtureRequest, client: Any) -> DynamoDBTaskStore:
        return DynamoDBTaskStore(client, "tasks", "idempotency", request.param)

    def test_a_task_that_is_put_once_has_its_cause_for_the_stream(
        self, store: DynamoDBTaskStore, client: Any
    ) -> None:
        task = a_task()
        store.put_new_once(IdempotencyRecord(task.task_id, "fingerprint", task, 1), 0, "cause")

        item = client.get_item(TableName="tasks", Key={"taskId": {"S": task.task_id}})["Item"]

        assert item["correlationId"] == {"S": "cause"}


def test_a_backfill_sets_what_an_item_lacks(client: Any) -> None:
    task = a_task()
    DynamoDBTaskStore(client, "tasks").put_new(task, "cause")
    key = {"taskId": {"S": task.task_id}}
    client.update_item(TableName="tasks", Key=key, UpdateExpression="REMOVE statusShard, description")
    older = client.get_item(TableName="tasks", Key=key)["Item"]
    with_default = TaskTable(
        client, "tasks", 1, lambda item: task_from_item(item | {"description": {"S": ""}})
    )

    assert with_default.backfill(older)

    assert client.get_item(TableName="tasks", Key=key)["Item"] == task_to_item(task, "cause")


def test_an_update_removes_several_attributes(client: Any) -> None:
    key = {"taskId": {"S": uuid4().hex}}
    client.put_item(
        TableName="tasks", Item=key | item_to_wire({"version": 1, "kept": "a", "old": "b", "older": "c"})
    )

    VersionedItems(client, "tasks").update(key, 1, {"version": 2}, gone=("old", "older"))

    item = client.get_item(TableName="tasks", Key=key)["Item"]
    assert {"kept", "old", "older"} & item.keys() == {"kept"}


class TestDynamoDBStatisticsStore(StatisticsStoreContract):
    @pytest.fixture
    def store(self, client: Any) -> DynamoDBStatisticsStore:
        return DynamoDBStatisticsStore(client, "statistics", timedelta(days=1), system_clock)


class TestDynamoDBFeedStore(FeedStoreContract):
    @pytest.fixture(params=[1, 3], ids=["one shard", "three shards"])
    def store(self, request: pytest.FixtureRequest, client: Any) -> DynamoDBFeedStore:
        return DynamoDBFeedStore(client, "feed", request.param, lambda: NOON)


@pytest.fixture(scope="module")
def notes(client: Any) -> str:
    """A table as `make add-table` declares it; no entity but the task is deployed."""
    table = {"hash_key": "taskId", "range_key": "noteId", "indexes": {}}
    client.create_table(**dynamodb_engine.as_request("notes", table))
    return "notes"


class TestDynamoDBPartStore(PartStoreContract):
    @pytest.fixture
    def store(self, client: Any, notes: str) -> DynamoDBPartStore[Note]:
        return DynamoDBPartStore(client, notes, Note, "noteId")

    def test_each_write_leaves_its_cause_on_the_item_for_the_stream(
        self, store: DynamoDBPartStore[Note], client: Any, notes: str
    ) -> None:
        note = a_note()
        key = {"taskId": {"S": note.task_id}, "noteId": {"S": note.note_id}}

        def cause() -> str:
            return str(client.get_item(TableName=notes, Key=key)["Item"]["correlationId"]["S"])

        store.put_new(note, "first")
        assert cause() == "first"
        store.replace(note, changed(note, "newer"), "second")
        assert cause() == "second"

    def test_a_put_whose_answer_was_lost_succeeds(self, store: DynamoDBPartStore[Note]) -> None:
        """The SDK retries by itself, and finds the item of its first try."""
        note = a_note()
        store.put_new(note, "cause")
        store.put_new(note, "cause")
        assert store.get(note.task_id, note.note_id) == note


class TestDynamoDBApprovalStore(ApprovalStoreContract):
    @pytest.fixture
    def store(self, client: Any) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(client, "approvals", system_clock)

    @pytest.fixture
    def held(self, client: Any) -> Held:
        def held(task_id: str) -> tuple[str | None, Verdict | None]:
            item = client.get_item(TableName="approvals", Key={"taskId": {"S": task_id}})["Item"]
            return token_from_item(item), verdict_from_item(item)

        return held

    def test_what_a_verdict_lacks_is_not_stored(self, client: Any, task: str) -> None:
        """The condition on a first verdict asks whether fields exist: a stored null would exist."""
        DynamoDBApprovalStore(client, "approvals", lambda: NOON).cancel(task, 1, "cause")

        item = client.get_item(TableName="approvals", Key={"taskId": {"S": task}})["Item"]
        assert item["verdict"] == {"M": {"kind": {"S": "cancelled"}, "correlationId": {"S": "cause"}}}

    def test_an_approval_is_kept_for_longer_than_any_workflow_waits(self, client: Any, task: str) -> None:
        """Else its token, and a verdict that was given early, would be gone before the wait ends."""
        store = DynamoDBApprovalStore(client, "approvals", lambda: NOON)
        variables = (ROOT / "infra/variables_approval.tf").read_text(encoding="utf-8")
        rule = dict(blocks(variables, "variable"))["approval_timeout_seconds"]["validation"][0]["condition"]
        longest = timedelta(seconds=int(re.findall(r"<= (\d+)", rule)[0]))

        store.wait(waiting(task, "token"))

        item = client.get_item(TableName="approvals", Key={"taskId": {"S": task}})["Item"]
        assert item["expiresAt"] == {"N": str(epoch_seconds(NOON + KEEP_FOR))}
        assert longest + timedelta(days=30) < KEEP_FOR


class TestLostAnswers(LostAnswersContract):
    """Answers are lost between the SDK and the engine."""

    @pytest.fixture
    def transport(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyTransport]:
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
        lossy = LossyTransport(client)
        yield lossy
        lossy.close()

    @pytest.fixture
    def tasks(self, client: Any) -> DynamoDBTaskStore:
        return DynamoDBTaskStore(client, "tasks", "idempotency")

    @pytest.fixture
    def approvals(self, client: Any) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(client, "approvals", system_clock)

    @pytest.fixture
    def expiry(self, client: Any) -> Callable[[str], int]:
        def expiry(task_id: str) -> int:
            item = client.get_item(TableName="tasks", Key={"taskId": {"S": task_id}})["Item"]
            return int(item["expiresAt"]["N"])

        return expiry
