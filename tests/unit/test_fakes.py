"""The fakes behave like the adapters, which tests/integration runs against the same contracts."""

import pytest

from services.core.verdicts import Verdict
from tests.contracts.approval_store import ApprovalStoreContract, Held
from tests.contracts.feed_store import FeedStoreContract
from tests.contracts.part_store import Note, PartStoreContract
from tests.contracts.statistics_store import StatisticsStoreContract
from tests.contracts.task_store import TaskStoreContract
from tests.harness.fakes import (
    NOON,
    InMemoryApprovalStore,
    InMemoryFeedStore,
    InMemoryPartStore,
    InMemoryStatisticsStore,
    InMemoryTaskStore,
)


class TestInMemoryTaskStore(TaskStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryTaskStore:
        return InMemoryTaskStore()


class TestInMemoryStatisticsStore(StatisticsStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryStatisticsStore:
        return InMemoryStatisticsStore()


class TestInMemoryFeedStore(FeedStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryFeedStore:
        return InMemoryFeedStore(lambda: NOON)


class TestInMemoryPartStore(PartStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryPartStore[Note]:
        return InMemoryPartStore("note_id")


class TestInMemoryApprovalStore(ApprovalStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryApprovalStore:
        return InMemoryApprovalStore()

    @pytest.fixture
    def held(self, store: InMemoryApprovalStore) -> Held:
        def held(task_id: str) -> tuple[str | None, Verdict | None]:
            waiting = store.waiting.get(task_id)
            return waiting.token if waiting else None, store.verdicts.get(task_id)

        return held
