"""The adapters on the local cloud's services, held to the contracts that the fakes pass."""

from datetime import timedelta

import pytest

from services.adapters.dynamodb.approvals import (
    DynamoDBApprovalStore,
    token_from_item,
    verdict_from_item,
)
from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from services.core.approvals import Verdict
from services.core.moments import system_clock
from tests.contracts.approval_store import ApprovalStoreContract, Held
from tests.contracts.feed_store import FeedStoreContract
from tests.contracts.statistics_store import StatisticsStoreContract
from tests.contracts.task_store import TaskStoreContract
from tests.integration.conftest import DeployedStack


class TestDynamoDBTaskStore(TaskStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBTaskStore:
        tasks, idempotency = stack.outputs["tasks_table_name"], stack.outputs["idempotency_table_name"]
        return DynamoDBTaskStore(stack.client("dynamodb"), tasks, idempotency)


class TestDynamoDBStatisticsStore(StatisticsStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBStatisticsStore:
        table = stack.outputs["statistics_table_name"]
        return DynamoDBStatisticsStore(stack.client("dynamodb"), table, timedelta(days=1), system_clock)


class TestDynamoDBFeedStore(FeedStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBFeedStore:
        return DynamoDBFeedStore(stack.client("dynamodb"), stack.outputs["feed_table_name"])


class TestDynamoDBApprovalStore(ApprovalStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(
            stack.client("dynamodb"), stack.outputs["approvals_table_name"], system_clock
        )

    @pytest.fixture
    def held(self, stack: DeployedStack) -> Held:
        def held(task_id: str) -> tuple[str | None, Verdict | None]:
            table, key = stack.outputs["approvals_table_name"], {"taskId": {"S": task_id}}
            item = stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
            return token_from_item(item), verdict_from_item(item)

        return held
