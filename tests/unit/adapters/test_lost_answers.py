"""The contract on the SDK's real retries, with a small DynamoDB behind them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.adapters import aws
from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from services.core.moments import epoch_seconds
from services.core.ports import IdempotencyRecord
from services.core.task import next_version
from tests.contracts.lost_answers import LostAnswersContract
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, Ticking
from tests.harness.lost_answers import LossyTransport
from tests.unit.adapters.small_dynamodb import SmallDynamoDB, session


class TestLostAnswers(LostAnswersContract):
    @pytest.fixture
    def tables(self) -> SmallDynamoDB:
        return SmallDynamoDB()

    @pytest.fixture
    def client(self, tables: SmallDynamoDB) -> Any:
        """With the settings of the functions."""
        client = session().create_client(
            "dynamodb",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=aws._CONFIG,
        )
        client._endpoint.http_session = tables
        return client

    @pytest.fixture
    def transport(self, client: Any) -> LossyTransport:
        return LossyTransport(client)

    @pytest.fixture
    def tasks(self, client: Any) -> DynamoDBTaskStore:
        return DynamoDBTaskStore(client, "tasks", "idempotency")

    @pytest.fixture
    def approvals(self, client: Any) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(client, "approvals", Ticking())

    def test_a_transaction_is_retried_with_the_same_token(
        self, tasks: DynamoDBTaskStore, client: Any, transport: LossyTransport
    ) -> None:
        """DynamoDB recognises the token and gives its first answer, whatever was written since."""
        tokens: list[str] = []
        client.meta.events.register(
            "before-send.dynamodb.TransactWriteItems",
            lambda request, **_: tokens.append(json.loads(request.body)["ClientRequestToken"]),
        )
        transport.lose_next_answer("TransactWriteItems")
        record = IdempotencyRecord("key", "fingerprint", a_task(), epoch_seconds(NOON) + 60)

        tasks.put_new_once(record, epoch_seconds(NOON), "cause")

        assert tokens == [tokens[0]] * 2

    def test_the_earlier_write_id_is_that_of_the_item_before_the_update(
        self, tasks: DynamoDBTaskStore, tables: SmallDynamoDB
    ) -> None:
        first = a_task()
        tasks.put_new(first, "cause")
        second = next_version(first, NOON, title="b")
        tasks.replace(first, second, "cause")
        written = tables.tables["tasks"][first.task_id]["writeId"]

        tasks.replace(second, next_version(second, NOON, title="c"), "cause")

        item = tables.tables["tasks"][first.task_id]
        assert item["earlierWriteId"] == written != item["writeId"]

    @pytest.fixture
    def expiry(self, tables: SmallDynamoDB) -> Callable[[str], int]:
        return lambda task_id: int(tables.tables["tasks"][task_id]["expiresAt"]["N"])
