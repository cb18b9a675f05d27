"""What the use cases need from the outside world. Adapters fulfil it on AWS, fakes in tests."""

from dataclasses import dataclass
from typing import Protocol

from services.core.listing import Page, TaskFilter
from services.core.task import Task


@dataclass(frozen=True)
class IdempotencyRecord:
    """The memory of a create request: its key, what was asked, and what was answered.

    `expires_at` is in epoch seconds; from then on the key may be used anew.
    """

    key: str
    fingerprint: str
    task: Task
    expires_at: int


class TaskStore(Protocol):
    """Where tasks live. Every method may raise ServiceUnavailable.

    Each write names the correlation id of its cause, which goes with the write into the event stream.
    """

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
