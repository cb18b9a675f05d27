"""All ports at once: `services.composition.Services` without AWS."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.core.ids import NewId, new_task_id
from services.core.moments import Clock
from services.core.ports import TaskStore
from tests.harness.fakes.approvals import FakeWorkflow, InMemoryApprovalStore
from tests.harness.fakes.clock import Ticking
from tests.harness.fakes.feed_store import InMemoryFeedStore
from tests.harness.fakes.keeping import FakeArchive, FakeRetention
from tests.harness.fakes.meter import FakeMeter
from tests.harness.fakes.publishing import FakeBus, FakeNotifications, FakeParking
from tests.harness.fakes.statistics_store import InMemoryStatisticsStore
from tests.harness.fakes.task_store import InMemoryTaskStore


@dataclass
class FakeServices:
    """`services.composition.Services` without AWS."""

    authenticates: bool = False
    allowed_origins: tuple[str, ...] = ()
    tasks: TaskStore = field(default_factory=InMemoryTaskStore)
    clock: Clock = field(default_factory=Ticking)
    new_id: NewId = new_task_id
    retention: FakeRetention = field(default_factory=FakeRetention)
    retention_period: timedelta = timedelta(days=90)
    statistics: InMemoryStatisticsStore = field(default_factory=InMemoryStatisticsStore)
    feed: InMemoryFeedStore = field(init=False)
    approvals: InMemoryApprovalStore = field(default_factory=InMemoryApprovalStore)
    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)
    bus: FakeBus = field(default_factory=FakeBus)
    parking: FakeParking = field(default_factory=FakeParking)
    notifications: FakeNotifications = field(default_factory=FakeNotifications)
    archive: FakeArchive = field(default_factory=FakeArchive)
    meter: FakeMeter = field(default_factory=FakeMeter)

    def __post_init__(self) -> None:
        self.feed = InMemoryFeedStore(self.clock)
