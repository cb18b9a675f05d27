import pytest

from tests.contracts.task_store import TaskStoreContract
from tests.fakes import InMemoryTaskStore


class TestInMemoryTaskStore(TaskStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryTaskStore:
        return InMemoryTaskStore()
