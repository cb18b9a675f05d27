"""The events that follow from a write, and their content."""

import json
from datetime import timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given

from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.moments import timestamp
from services.core.status import Priority, Status
from services.core.task import Task, TaskChanges, change, decide, next_version
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON
from tests.harness.lives import LIVES

LATER = NOON + timedelta(hours=1)


def written(old: Task | None, new: Task | None, *, expired: bool = False) -> list[TaskEvent]:
    return events_of(Write(old, new, "cause", timestamp(LATER), expired))


def types(events: list[TaskEvent]) -> list[str]:
    return [event.detail_type for event in events]


def waiting() -> Task:
    return a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH)


def changed(task: Task, **fields: object) -> Task:
    return change(task, TaskChanges(**fields), LATER)


def test_a_new_task_gives_a_created_event() -> None:
    task = a_task(user_id="grace")

    (event,) = written(None, task)

    assert json.loads(event.as_json()) == {
        "schemaVersion": "1.0",
        "eventId": event.event_id,
        "occurredAt": "2026-01-31T13:00:00.000Z",
        "correlationId": "cause",
        "taskId": task.task_id,
        "userId": "grace",
        "priority": "medium",
        "status": "pending",
        "version": 1,
        "task": json.loads(task.as_json()),
        "changes": {},
    }
    assert event.detail_type == "TaskCreated"


def test_a_change_lists_old_and_new_values() -> None:
    task = a_task(title="old", tags=("a",))

    (event,) = written(task, changed(task, title="new", tags=("a", "b"), status=Status.IN_PROGRESS))

    assert event.detail_type == "TaskUpdated"
    assert json.loads(event.as_json())["changes"] == {
        "title": {"old": "old", "new": "new"},
        "tags": {"old": ["a"], "new": ["a", "b"]},
        "status": {"old": "pending", "new": "in_progress"},
    }
    assert event.task.title == "new"


def test_an_absent_field_changes_from_null() -> None:
    task = waiting()

    event = written(task, decide(task, an_approval(), LATER))[0]

    approval = json.loads(event.as_json())["changes"]["approval"]
    assert approval["old"] is None
    assert approval["new"]["approver"] == "grace"


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.IN_PROGRESS])
def test_completing_gives_an_event_of_its_own(status: Status) -> None:
    approval = an_approval() if status is Status.APPROVED else None
    task = a_task(status=status, approval=approval)
    assert types(written(task, changed(task, status=Status.COMPLETED))) == ["TaskUpdated", "TaskCompleted"]


@pytest.mark.parametrize(("decision", "event"), [("approve", "TaskApproved"), ("reject", "TaskRejected")])
def test_deciding_gives_an_event_of_its_own(decision: str, event: str) -> None:
    task = waiting()
    assert types(written(task, decide(task, an_approval(decision), LATER))) == ["TaskUpdated", event]


def test_putting_work_back_gives_no_second_approval() -> None:
    task = a_task(status=Status.IN_PROGRESS, priority=Priority.HIGH, approval=an_approval())
    assert types(written(task, changed(task, status=Status.APPROVED))) == ["TaskUpdated"]


def test_changing_a_completed_task_gives_no_second_completion() -> None:
    task = a_task(status=Status.COMPLETED)
    assert types(written(task, changed(task, title="clearer"))) == ["TaskUpdated"]


def test_a_write_that_changes_no_task_gives_no_event() -> None:
    task = a_task()
    assert written(task, task) == []
    assert written(None, None) == []


def test_a_restored_task_gives_no_event() -> None:
    """It is inserted at a later version: its events were published before."""
    assert written(None, a_task(version=3)) == []


@pytest.mark.parametrize(
    ("old", "new", "event"),
    [
        (None, a_task(priority=Priority.LOW), "TaskCreated"),
        (a_task(), a_task(priority=Priority.LOW, version=2), "TaskUpdated"),
    ],
)
def test_an_occasion_of_a_task_comes_beside_its_creation_or_change(
    monkeypatch: pytest.MonkeyPatch, old: Task | None, new: Task, event: str
) -> None:
    """`make add-event` registers such a rule: it sees the task before and after."""

    class TaskPostponed(TaskEvent):
        """A task became less urgent."""

        detail_type = "TaskPostponed"

    def is_postponed(old: Task | None, new: Task) -> bool:
        return new.priority is Priority.LOW and (old is None or old.priority is not Priority.LOW)

    monkeypatch.setattr("services.core.events.OCCASIONS", {TaskPostponed: is_postponed})

    events = written(old, new)

    assert types(events) == [event, "TaskPostponed"]
    assert events[1].task == new
    assert types(written(new, next_version(new, LATER, title="later"))) == ["TaskUpdated"]


@pytest.mark.parametrize(("expired", "event"), [(False, "TaskDeleted"), (True, "TaskExpired")])
def test_a_removal_holds_the_last_version_of_the_task(expired: bool, event: str) -> None:
    task = next_version(a_task(), LATER, title="last")

    (removed,) = written(task, None, expired=expired)

    assert (removed.detail_type, removed.task, removed.changes) == (event, task, {})
    assert removed.version == task.version + 1


def test_event_ids_never_change() -> None:
    """Consumers deduplicate by them: other ids would count every event twice."""
    task = a_task(task_id="0198c1d2-7b3e-7a1f-8c2d-1234567890ab")
    namespace = UUID("6f3f9d0e-6d1c-5b0e-9f53-1d1a52a4c3d7")

    expected = uuid5(namespace, "0198c1d2-7b3e-7a1f-8c2d-1234567890ab:1:TaskCreated")

    assert written(None, task)[0].event_id == str(expected)


@given(LIVES)
def test_a_write_gives_the_same_events_each_time(life: list[Write]) -> None:
    assert [events_of(write) for write in life] == [events_of(write) for write in life]


@given(LIVES)
def test_every_event_of_a_task_has_its_own_id(life: list[Write]) -> None:
    ids = [event.event_id for write in life for event in events_of(write)]
    assert len(set(ids)) == len(ids)
    assert {UUID(event_id).version for event_id in ids} == {5}


@given(LIVES)
def test_a_task_has_one_creation_one_removal_and_one_verdict_per_request(life: list[Write]) -> None:
    seen = types([event for write in life for event in events_of(write)])

    assert seen[0] == "TaskCreated"
    assert seen.count("TaskCreated") == 1
    assert seen.count("TaskCompleted") <= 1
    asked = [
        write
        for write in life
        if write.new is not None
        and write.new.status is Status.PENDING_APPROVAL
        and (write.old is None or write.old.status is not Status.PENDING_APPROVAL)
    ]
    assert seen.count("TaskApproved") + seen.count("TaskRejected") <= len(asked)
    assert seen.count("TaskRejected") <= 1
    assert seen.count("TaskDeleted") + seen.count("TaskExpired") <= 1
    assert not {"TaskDeleted", "TaskExpired"} & set(seen[:-1])


@given(LIVES)
def test_versions_order_the_events_of_a_task(life: list[Write]) -> None:
    versions = [[event.version for event in events] for write in life if (events := events_of(write))]
    assert versions == [[number] * len(same) for number, same in enumerate(versions, 1)]


@given(LIVES)
def test_applying_all_changes_in_order_gives_the_task(life: list[Write]) -> None:
    """A consumer can rebuild the task from its events."""
    known: dict[str, object] = {}
    for write in life:
        for event in events_of(write)[:1]:
            snapshot = json.loads(event.task.as_json())
            known |= {name: change["new"] for name, change in json.loads(event.as_json())["changes"].items()}
            known = known or snapshot
            ignored = {"updatedAt", "version"}
            assert {k: v for k, v in known.items() if k not in ignored and v is not None} == {
                k: v for k, v in snapshot.items() if k not in ignored
            }
