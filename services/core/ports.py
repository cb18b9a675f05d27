"""What the use cases and the functions need from outside: fulfilled by adapters on AWS, by fakes in tests.

Unless its docstring differs, every method may raise ServiceUnavailable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.core.event import Event
    from services.core.events import TaskEvent
    from services.core.feed import Entry
    from services.core.listing import Page, TaskFilter
    from services.core.metrics import Metric
    from services.core.statistics import Completion, UserStatistics
    from services.core.task import Approval, Task
    from services.core.verdicts import Verdict, Waiting


@dataclass(frozen=True)
class IdempotencyRecord:
    """The record of a create request: its key, a fingerprint of the request, and the task it created.

    `expires_at` is in epoch seconds; from then on the key may be used anew.
    """

    key: str
    fingerprint: str
    task: Task
    expires_at: int


@dataclass(frozen=True)
class Refusal:
    """An event that the bus will never take, and the reason."""

    event: Event
    reason: str


class TaskStore(Protocol):
    """The tasks. Each write carries the correlation id of its cause into the table's stream."""

    def put_new(self, task: Task, correlation_id: str) -> None:
        """Stores the first version of a task."""

    def put_new_once(self, record: IdempotencyRecord, now: int, correlation_id: str) -> IdempotencyRecord:
        """Stores a task and the record of its key in one transaction.

        Gives the record that holds the key: `record` itself, or the earlier one, and then nothing was
        stored. `now` is in epoch seconds: a record that has expired by then does not count.
        """

    def get(self, task_id: str) -> Task | None:
        """The task as last written (strongly consistent), or None."""

    def replace(self, old: Task, new: Task, correlation_id: str) -> None:
        """Writes `new` over `old`. Raises StaleVersion if the stored version is not `old`'s."""

    def delete(self, task: Task, correlation_id: str) -> None:
        """Removes the task. Raises StaleVersion if the stored version is not `task`'s."""

    def newest(self, listing: TaskFilter, limit: int, after: str | None) -> Page:
        """At most `limit` tasks, newest first, older than the id `after` (eventually consistent)."""


class Retention(Protocol):
    """Sets when a completed task expires."""

    def expire(self, task_id: str, at: int) -> None:
        """Sets when the task expires (epoch seconds); does nothing if it is gone."""


class StatisticsStore(Protocol):
    """The users' totals. Each event counts once, however often it is delivered."""

    def count_created(self, event_id: str, user_id: str) -> bool:
        """Counts a created task; False, and nothing done, if this event was counted before."""

    def count_completed(self, event_id: str, user_id: str, completion: Completion) -> bool:
        """Counts a completed task; False, and nothing done, if this event was counted before."""

    def of_user(self, user_id: str) -> UserStatistics:
        """The user's totals; zeros for an unknown user."""


class FeedStore(Protocol):
    """The recent events, for `feed.KEEP_FOR`."""

    def record(self, entry: Entry) -> None:
        """Stores an entry; if the event has one already, the first stays."""

    def newest(self, user_id: str | None, limit: int) -> tuple[Entry, ...]:
        """At most `limit` entries, latest occurrence first; of one user, or of all."""


class ApprovalStore(Protocol):
    """The approvals, one a task."""

    def wait(self, waiting: Waiting) -> None:
        """Stores which workflow waits for the verdict; a later token replaces an earlier one."""

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        """Writes the decision unless a verdict holds for `approval.task_version`; gives the one that holds.

        See `verdicts.holds`.
        """

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        """Writes that the task, last at `version`, is gone unless a verdict holds for that version."""

    def deadline(self, task_id: str) -> str | None:
        """When the latest wait for a decision ends (a timestamp); None until a workflow has begun to wait."""


class ApprovalWorkflow(Protocol):
    """The workflow that has a high-priority task approved."""

    def start(self, event: TaskEvent) -> None:
        """Starts the approval that this event requires; idempotent."""

    def deliver(self, token: str, verdict: Verdict) -> bool:
        """Resumes the execution that holds the token; False if it no longer waits."""


class EventBus(Protocol):
    """The event bus."""

    def publish(self, events: Iterable[Event]) -> list[Refusal]:
        """Publishes all; gives those refused for good. Raises ServiceUnavailable if a retry may succeed."""


class Parking(Protocol):
    """The dead-letter store of stream records that cannot be relayed."""

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        """Stores a record of any size with the reason."""


class Notifications(Protocol):
    """Notifies subscribers. A repeated event is published again, with the same eventId."""

    def notify(self, subject: str, event: Event) -> None:
        """Publishes an event under a subject."""

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        """Publishes JSON `data` for programs and `text` for people."""


class Archive(Protocol):
    """The archive of completed tasks."""

    def keep(self, key: str, content: str) -> None:
        """Stores JSON under a key; the same key again has the same content."""


class Meter(Protocol):
    """Metrics. Raises nothing."""

    def record(self, metric: Metric, value: float, dimensions: Mapping[str, str] | None = None) -> None:
        """One value of a metric, in its unit, with a label for each dimension that the metric has."""
