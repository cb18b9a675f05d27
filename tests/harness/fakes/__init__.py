"""Fakes of the ports: they behave like the outside world, and the contract tests hold them to that."""

from tests.harness.fakes.approvals import InMemoryApprovalStore
from tests.harness.fakes.clock import NOON, Ticking
from tests.harness.fakes.feed_store import InMemoryFeedStore
from tests.harness.fakes.part_store import InMemoryPartStore
from tests.harness.fakes.services import FakeServices
from tests.harness.fakes.statistics_store import InMemoryStatisticsStore
from tests.harness.fakes.task_store import InMemoryTaskStore

__all__ = [
    "NOON",
    "FakeServices",
    "InMemoryApprovalStore",
    "InMemoryFeedStore",
    "InMemoryPartStore",
    "InMemoryStatisticsStore",
    "InMemoryTaskStore",
    "Ticking",
]
