"""The use cases of the API: one function for each endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from services.core.callers import Caller
from services.core.errors import IdempotencyKeyReused, LostRace, TaskNotFound, VersionMismatch
from services.core.ids import NewId, is_task_id
from services.core.listing import Page, TaskFilter, decode_cursor, encode_cursor
from services.core.moments import Clock, epoch_seconds
from services.core.ports import FeedStore, IdempotencyRecord, StatisticsStore, TaskStore
from services.core.retries import retry_lost_race
from services.core.statistics import UserStatistics
from services.core.task import NewTask, Task, TaskChanges, begin, change

if TYPE_CHECKING:  # the models of events take long to build, and only their readers need them
    from services.core.feed import Entry

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)

# Optimistic-lock conflicts in a row before the caller gets 409.
MAX_ATTEMPTS = 5

Result = TypeVar("Result")

Precondition = Callable[[Task], bool]
"""Whether the task is at a version that the caller accepts (If-Match, If-None-Match)."""


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

    Raises InvalidInput, IdempotencyKeyReused, Forbidden.
    """
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
    """The task as last written. Raises TaskNotFound."""
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
    """Applies `changes` to the task's current version; never overwrites another writer's change.

    Raises TaskNotFound, Conflict, VersionMismatch, LostRace.
    """

    return change_task(
        store,
        task_id,
        lambda task: change(task, changes, clock()),
        caller=caller,
        correlation_id=correlation_id,
        precondition=precondition,
    )


def change_task(
    store: TaskStore,
    task_id: str,
    rule: Callable[[Task], Task],
    *,
    caller: Caller,
    correlation_id: str,
    precondition: Precondition | None = None,
) -> Task:
    """Applies a rule to the task's current version; the rule gives the next one, or the same for no change.

    The rule runs again after a lost race. Raises TaskNotFound, VersionMismatch, LostRace, and what it raises.
    """

    def write(task: Task) -> Task:
        changed = rule(task)
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
    """Removes the task. Raises TaskNotFound, VersionMismatch, LostRace."""
    _on_current(store, task_id, caller, precondition, lambda task: store.delete(task, correlation_id))


def list_tasks(
    store: TaskStore, listing: TaskFilter, limit: int, cursor: str | None, *, caller: Caller
) -> tuple[Page, str | None]:
    """A page of the tasks that the caller may see, newest first, and the cursor that leads to the next.

    Raises MalformedInput, Forbidden.
    """
    listing = TaskFilter(listing.status, caller.confine(listing.user_id))
    after = None if cursor is None else decode_cursor(cursor, listing)
    page = store.newest(listing, limit, after)
    return page, page.last_seen and encode_cursor(listing, page.last_seen)


def get_statistics(store: StatisticsStore, user_id: str, *, caller: Caller) -> UserStatistics:
    """A user's totals; zeros for an unknown user. Raises Forbidden."""
    caller.require_user(user_id)
    return store.of_user(user_id)


def list_events(store: FeedStore, user_id: str | None, limit: int, *, caller: Caller) -> tuple[Entry, ...]:
    """The newest events that the caller may see. Raises Forbidden."""
    return store.newest(caller.confine(user_id), limit)


def find_task(store: TaskStore, task_id: str) -> Task:
    """The task as last written, whoever owns it. Raises TaskNotFound."""
    # RFC 9562, section 4: letters of either case. No task has an id of another form: no need to read.
    task = store.get(task_id.lower()) if is_task_id(task_id.lower()) else None
    if task is None:
        raise TaskNotFound(task_id)
    return task


def _visible(store: TaskStore, task_id: str, caller: Caller) -> Task:
    task = find_task(store, task_id)
    if not caller.may_see(task):
        # The same answer as for an unknown id: the caller must not learn that the task exists.
        raise TaskNotFound(task_id)
    return task


def require_match(task: Task, precondition: Precondition | None) -> None:
    """Raises VersionMismatch if the caller's precondition excludes the task's version."""
    if precondition is not None and not precondition(task):
        detail = f"The task is at version {task.version}, which If-Match or If-None-Match excludes."
        raise VersionMismatch(detail, str(task.version))


def _on_current(
    store: TaskStore,
    task_id: str,
    caller: Caller,
    precondition: Precondition | None,
    write: Callable[[Task], Result],
) -> Result:
    """Reads, checks and writes; again with the newer task after a lost race. Raises LostRace."""

    def attempt() -> Result:
        task = _visible(store, task_id, caller)
        require_match(task, precondition)
        return write(task)

    lost = LostRace(f"The task was changed by others {MAX_ATTEMPTS} times in a row; try again.")
    return retry_lost_race(attempt, MAX_ATTEMPTS, lost)


def _fingerprint(new: NewTask) -> str:
    return hashlib.sha256(new.model_dump_json().encode()).hexdigest()
