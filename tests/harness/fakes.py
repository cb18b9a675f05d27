"""Stand-ins for the outside world that behave like it: the contract tests hold them to that."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

from services.core.errors import StaleVersion
from services.core.events import TaskEvent
from services.core.feed import FeedEntry
from services.core.ids import NewId, new_task_id
from services.core.listing import Page, TaskFilter
from services.core.metrics import Metric
from services.core.moments import Clock
from services.core.ports import IdempotencyRecord, Refusal, TaskStore
from services.core.statistics import Completion, UserStatistics
from services.core.task import Approval, Task
from services.core.verdicts import Verdict, Waiting, execution_name, holds

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class Ticking:
    """A clock that moves by a second with each look, and by more when told to."""

    def __init__(self, start: datetime = NOON) -> None:
        self._moments: Iterator[int] = count()
        self._start = start

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=next(self._moments))

    def advance(self, by: timedelta) -> None:
        self._start += by


class InMemoryTaskStore:
    """A TaskStore in a dictionary. `writes` remembers each write and its cause, in order."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._records: dict[str, IdempotencyRecord] = {}
        self.writes: list[tuple[str, str]] = []

    def put_new(self, task: Task, correlation_id: str) -> None:
        self._tasks[task.task_id] = task
        self.writes.append(("put", correlation_id))

    def put_new_once(self, record: IdempotencyRecord, now: int, correlation_id: str) -> IdempotencyRecord:
        held = self._records.get(record.key)
        if held is not None and held.expires_at > now:
            return held
        self._records[record.key] = record
        self.put_new(record.task, correlation_id)
        return record

    def get(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def replace(self, old: Task, new: Task, correlation_id: str) -> None:
        self._check(old)
        self._tasks[new.task_id] = new
        self.writes.append(("replace", correlation_id))

    def delete(self, task: Task, correlation_id: str) -> None:
        self._check(task)
        del self._tasks[task.task_id]
        self.writes.append(("delete", correlation_id))

    def newest(self, listing: TaskFilter, limit: int, after: str | None) -> Page:
        tasks = [
            task
            for task_id, task in sorted(self._tasks.items(), reverse=True)
            if listing.status in (None, task.status)
            and listing.user_id in (None, task.user_id)
            and (after is None or task_id < after)
        ]
        return Page(tuple(tasks[:limit]), tasks[limit - 1].task_id if len(tasks) > limit else None)

    def _check(self, task: Task) -> None:
        held = self._tasks.get(task.task_id)
        if held is None or held.version != task.version:
            raise StaleVersion


class Faulty:
    """Raises the `failures` that it was given, one a call, and then works."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


class InMemoryStatisticsStore(Faulty):
    """A StatisticsStore that remembers every event it counted."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._counted: set[str] = set()
        self._created: Counter[str] = Counter()
        self._completions: dict[str, list[Completion]] = defaultdict(list)

    def count_created(self, event_id: str, user_id: str) -> bool:
        self._fail()
        with self._lock:
            if not self._is_first(event_id):
                return False
            self._created[user_id] += 1
            return True

    def count_completed(self, event_id: str, user_id: str, completion: Completion) -> bool:
        self._fail()
        with self._lock:
            if not self._is_first(event_id):
                return False
            self._completions[user_id].append(completion)
            return True

    def of_user(self, user_id: str) -> UserStatistics:
        self._fail()
        completions = self._completions.get(user_id, [])
        seconds = sum(completion.milliseconds for completion in completions) / 1000
        return UserStatistics(
            user_id=user_id,
            created=self._created[user_id],
            completed=len(completions),
            average_completion_seconds=round(seconds / len(completions), 3) if completions else 0.0,
            last_completed_at=max((c.completed_at for c in completions), default=None),
        )

    def _is_first(self, event_id: str) -> bool:
        if event_id in self._counted:
            return False
        self._counted.add(event_id)
        return True


class InMemoryFeedStore(Faulty):
    """A FeedStore that forgets nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[tuple[str, str], FeedEntry] = {}

    def record(self, entry: FeedEntry) -> None:
        self._fail()
        self._entries.setdefault((entry.occurred_at, entry.event_id), entry)

    def newest(self, user_id: str | None, limit: int) -> tuple[FeedEntry, ...]:
        self._fail()
        newest_first = (self._entries[position] for position in sorted(self._entries, reverse=True))
        return tuple(entry for entry in newest_first if user_id in (None, entry.user_id))[:limit]


class InMemoryApprovalStore(Faulty):
    """An ApprovalStore in two dictionaries, by task id."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.waiting: dict[str, Waiting] = {}
        self.verdicts: dict[str, Verdict] = {}

    def wait(self, waiting: Waiting) -> None:
        self._fail()
        self.waiting[waiting.task_id] = waiting

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        self._fail()
        verdict = Verdict(kind="decided", approval=approval, correlation_id=correlation_id)
        return self._put(task_id, verdict, approval.task_version or 0)

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        self._fail()
        self._put(task_id, Verdict(kind="cancelled", correlation_id=correlation_id), version)

    def _put(self, task_id: str, verdict: Verdict, version: int) -> Verdict:
        with self._lock:
            waiting, held = self.waiting.get(task_id), self.verdicts.get(task_id)
            if held is None or not holds(held, version, waiting.requested_at if waiting else None):
                self.verdicts[task_id] = held = verdict
            return held


class FakeWorkflow(Faulty):
    """Executions by name, and the verdicts that were delivered, by token."""

    def __init__(self) -> None:
        super().__init__()
        self.executions: dict[str, TaskEvent] = {}
        self.delivered: dict[str, Verdict] = {}
        self.ended: set[str] = set()
        """Tokens of executions that wait no longer."""

    def start(self, event: TaskEvent) -> None:
        self._fail()
        self.executions.setdefault(execution_name(event.task_id, event.version), event)

    def deliver(self, token: str, verdict: Verdict) -> bool:
        self._fail()
        if token in self.ended:
            return False
        self.ended.add(token)
        self.delivered[token] = verdict
        return True


class FakeBus(Faulty):
    """A bus that collects. It refuses for good what `refuses` gives a reason for."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[TaskEvent] = []
        self.refuses: Callable[[TaskEvent], str | None] = lambda _: None

    def publish(self, events: Iterable[TaskEvent]) -> list[Refusal]:
        self._fail()
        refusals = []
        for event in events:
            if reason := self.refuses(event):
                refusals.append(Refusal(event, reason))
            else:
                self.events.append(event)
        return refusals


class FakeParking(Faulty):
    """(record, reason) of each record that was parked."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[Mapping[str, Any], str]] = []

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        self._fail()
        self.records.append((record, reason))


class FakeNotifications(Faulty):
    """(subject, event) of each notification, and (subject, data, text) of what else was published."""

    def __init__(self) -> None:
        super().__init__()
        self.notified: list[tuple[str, TaskEvent]] = []
        self.published: list[tuple[str, str, str]] = []

    def notify(self, subject: str, event: TaskEvent) -> None:
        self._fail()
        self.notified.append((subject, event))

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        self._fail()
        self.published.append((subject, data, text))


class FakeArchive(Faulty):
    """Objects by key."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, str] = {}

    def keep(self, key: str, content: str) -> None:
        self._fail()
        self.objects[key] = content


class FakeRetention(Faulty):
    """When each task may go, in epoch seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.expiries: dict[str, int] = {}

    def expire(self, task_id: str, at: int) -> None:
        self._fail()
        self.expiries[task_id] = at


class FakeMeter:
    """All values, by the metric's name. Takes no label that the table of metrics does not know."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        given = dimensions or {}
        assert given.keys() == metric.labels.keys(), f"{metric.name} has other dimensions"
        assert all(label in metric.labels[name] for name, label in given.items()), given
        self.values[metric.name].append(value)


@dataclass
class FakeServices:
    """`services.composition.Services` without AWS."""

    authenticates: bool = False
    tasks: TaskStore = field(default_factory=InMemoryTaskStore)
    clock: Clock = field(default_factory=Ticking)
    new_id: NewId = new_task_id
    retention: FakeRetention = field(default_factory=FakeRetention)
    retention_period: timedelta = timedelta(days=90)
    statistics: InMemoryStatisticsStore = field(default_factory=InMemoryStatisticsStore)
    feed: InMemoryFeedStore = field(default_factory=InMemoryFeedStore)
    approvals: InMemoryApprovalStore = field(default_factory=InMemoryApprovalStore)
    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)
    bus: FakeBus = field(default_factory=FakeBus)
    parking: FakeParking = field(default_factory=FakeParking)
    notifications: FakeNotifications = field(default_factory=FakeNotifications)
    archive: FakeArchive = field(default_factory=FakeArchive)
    meter: FakeMeter = field(default_factory=FakeMeter)
