"""What a client can do with tasks: each function is one endpoint's whole work."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from services.core.callers import Caller, Scope
from services.core.errors import IdempotencyKeyReused, LostRace, StaleVersion, TaskNotFound, VersionMismatch
from services.core.ids import NewId, is_task_id
from services.core.listing import Page, TaskFilter, decode_cursor, encode_cursor
from services.core.moments import Clock, epoch_seconds
from services.core.ports import IdempotencyRecord, TaskStore
from services.core.statistics import StatisticsStore, UserStatistics
from services.core.task import NewTask, Task, TaskChanges, begin, change

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)

# A writer that loses this often in a row meets a crowd, and had better be told so. There is no pause between
# the tries, because a client waits, and each lost try means that another writer succeeded.
MAX_ATTEMPTS = 5

Outcome = TypeVar("Outcome")

Precondition = Callable[[Task], bool]
"""Whether the task is still the one that the caller means (If-Match)."""


@dataclass(frozen=True)
class Created:
    """A task, and whether it is the answer to an earlier request with the same idempotency key."""

    task: Task
    replayed: bool = False


def create_task(
    store: TaskStore,
    new: NewTask,
    *,
    caller: Caller,
    clock: Clock,
    new_id: NewId,
    correlation_id: str,
    idempotency_key: str | None = None,
) -> Created:
    """Creates a task; with an idempotency key, at most once.

    Raises InvalidInput, IdempotencyKeyReused, InsufficientScope, Forbidden.
    """
    caller.require(Scope.WRITE)
    new = new.owned_by(caller.owner(new.user_id or None))
    now = clock()
    task = begin(new, new_id(now), now)
    if idempotency_key is None:
        store.put_new(task, correlation_id)
        return Created(task)
    record = IdempotencyRecord(
        key=caller.own_key(idempotency_key),
        fingerprint=_fingerprint(new),
        task=task,
        expires_at=epoch_seconds(now + IDEMPOTENCY_KEY_LIFETIME),
    )
    held = store.put_new_once(record, epoch_seconds(now), correlation_id)
    if held.fingerprint != record.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another request body.")
    return Created(held.task, replayed=held.task.task_id != task.task_id)


def get_task(store: TaskStore, task_id: str, *, caller: Caller) -> Task:
    """The task as last written. Raises TaskNotFound, InsufficientScope."""
    caller.require(Scope.READ)
    return _visible(store, task_id, caller)


def update_task(
    store: TaskStore,
    task_id: str,
    changes: TaskChanges,
    *,
    caller: Caller,
    clock: Clock,
    correlation_id: str,
    precondition: Precondition | None = None,
) -> Task:
    """Applies `changes` to the task as it then is, never over somebody else's.

    Raises TaskNotFound, Conflict, VersionMismatch, LostRace, InsufficientScope.
    """
    caller.require(Scope.WRITE)

    def write(task: Task) -> Task:
        changed = change(task, changes, clock())
        if changed is not task:
            store.replace(task, changed, correlation_id)
        return changed

    return _on_current(store, task_id, caller, precondition, write)


def delete_task(
    store: TaskStore,
    task_id: str,
    *,
    caller: Caller,
    correlation_id: str,
    precondition: Precondition | None = None,
) -> None:
    """Removes the task. Raises TaskNotFound, VersionMismatch, LostRace, InsufficientScope."""
    caller.require(Scope.WRITE)
    _on_current(store, task_id, caller, precondition, lambda task: store.delete(task, correlation_id))


def list_tasks(
    store: TaskStore, listing: TaskFilter, limit: int, cursor: str | None, *, caller: Caller
) -> tuple[Page, str | None]:
    """A page of the tasks that the caller may see, newest first, and the cursor that leads to the next.

    Raises MalformedInput, InsufficientScope, Forbidden.
    """
    caller.require(Scope.READ)
    listing = TaskFilter(listing.status, caller.confine(listing.user_id))
    after = None if cursor is None else decode_cursor(cursor, listing)
    page = store.newest(listing, limit, after)
    return page, page.last_seen and encode_cursor(listing, page.last_seen)


def get_statistics(store: StatisticsStore, user_id: str, *, caller: Caller) -> UserStatistics:
    """A user's totals; zeros for one who is not known. Raises InsufficientScope, Forbidden."""
    caller.require(Scope.READ)
    caller.require_user(user_id)
    return store.of_user(user_id)


def find_task(store: TaskStore, task_id: str) -> Task:
    """The task as last written, whosever it is. Raises TaskNotFound."""
    # An id of another form is nobody's: no need to ask.
    task = store.get(task_id) if is_task_id(task_id) else None
    if task is None:
        raise TaskNotFound(task_id)
    return task


def _visible(store: TaskStore, task_id: str, caller: Caller) -> Task:
    task = find_task(store, task_id)
    if not caller.may_see(task):
        # The same answer as for an id that nobody has: not even that much is told.
        raise TaskNotFound(task_id)
    return task


def require_match(task: Task, precondition: Precondition | None) -> None:
    """Raises VersionMismatch if the task is not the one that the caller means."""
    if precondition is not None and not precondition(task):
        raise VersionMismatch(f"The task is at version {task.version}, which If-Match does not name.")


def _on_current(
    store: TaskStore,
    task_id: str,
    caller: Caller,
    precondition: Precondition | None,
    write: Callable[[Task], Outcome],
) -> Outcome:
    """Reads, checks and writes; again with the newer task when another writer came between."""
    for _ in range(MAX_ATTEMPTS):
        task = _visible(store, task_id, caller)
        require_match(task, precondition)
        try:
            return write(task)
        except StaleVersion:
            continue
    raise LostRace(f"The task was changed by others {MAX_ATTEMPTS} times in a row; try again.")


def _fingerprint(new: NewTask) -> str:
    return hashlib.sha256(new.model_dump_json().encode()).hexdigest()
