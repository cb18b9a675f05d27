"""The contract on the SDK's real retries, with a small DynamoDB behind them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import get_session

from services.adapters import aws
from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from tests.contracts.lost_answers import LostAnswersContract
from tests.fakes import Ticking
from tests.lost_answers import LossyTransport
from tests.unit.adapters.small_dynamodb import SmallDynamoDB


class TestLostAnswers(LostAnswersContract):
    @pytest.fixture
    def tables(self) -> SmallDynamoDB:
        return SmallDynamoDB()

    @pytest.fixture
    def client(self, tables: SmallDynamoDB, monkeypatch: pytest.MonkeyPatch) -> Any:
        """With the settings of the functions, and no pause before a retry."""
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
        client = get_session().create_client(
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

    @pytest.fixture
    def expiry(self, tables: SmallDynamoDB) -> Callable[[str], int]:
        return lambda task_id: int(tables.tables["tasks"][task_id]["expiresAt"]["N"])
