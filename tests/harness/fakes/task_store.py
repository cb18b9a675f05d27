"""The TaskStore port, in memory."""

from services.core.errors import StaleVersion
from services.core.listing import Page, TaskFilter
from services.core.ports import IdempotencyRecord
from services.core.task import Task


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
