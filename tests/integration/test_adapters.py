"""The adapters on the local cloud's services, held to the contracts that the fakes pass."""

import pytest

from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from tests.contracts.task_store import TaskStoreContract
from tests.integration.conftest import DeployedStack


class TestDynamoDBTaskStore(TaskStoreContract):
    @pytest.fixture
    def store(self, stack: DeployedStack) -> DynamoDBTaskStore:
        tasks, idempotency = stack.outputs["tasks_table_name"], stack.outputs["idempotency_table_name"]
        return DynamoDBTaskStore(stack.client("dynamodb"), tasks, idempotency)
