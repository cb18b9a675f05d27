"""The feed: a summary of each event, with its latency."""

from datetime import timedelta

import pytest

from services.core.aggregates import EVENTS
from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.moments import parse_timestamp
from services.core.status import Priority, Status
from services.core.task import Task, TaskChanges, change, decide
from services.reactions.record_event import record_event
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, FakeServices
from tests.harness.function_map import FUNCTIONS
from tests.harness.gateway import gateway_client

WAITING = a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH, title="Renew the certificate")


def written(old: Task | None, new: Task | None, *, expired: bool = False) -> list[TaskEvent]:
    moment = (new or old or WAITING).updated_at
    return events_of(Write(old, new, "cause", moment, expired))


def recorded(*events: TaskEvent, after: timedelta = timedelta(0)) -> list[dict[str, object]]:
    """What GET /events shows once these events have arrived, each `after` it occurred."""
    services = FakeServices()
    for event in events:
        services.clock = lambda event=event: parse_timestamp(event.occurred_at) + after  # type: ignore[misc]
        record_event(event, services)
    with gateway_client(services) as api:
        return list(api.get("/events").json()["events"])


def test_an_entry_names_the_event_the_task_and_the_latency() -> None:
    (entry,) = recorded(*written(None, WAITING), after=timedelta(milliseconds=212))
    assert entry == {
        "eventId": written(None, WAITING)[0].event_id,
        "detailType": "TaskCreated",
        "occurredAt": WAITING.created_at,
        "recordedAt": entry["recordedAt"],
        "latencyMilliseconds": 212,
        "correlationId": "cause",
        "taskId": WAITING.task_id,
        "userId": "ada",
        "title": "Renew the certificate",
        "priority": "high",
        "status": "pending_approval",
        "version": 1,
        "changed": [],
    }


def test_an_entry_names_the_status_before_and_after() -> None:
    events = written(WAITING, decide(WAITING, an_approval(), NOON))

    entries = recorded(*events)

    assert {entry["detailType"] for entry in entries} == {"TaskUpdated", "TaskApproved"}
    for entry in entries:
        assert (entry["previousStatus"], entry["status"]) == ("pending_approval", "approved")
        assert entry["changed"] == ["approval", "status"]


def test_an_entry_names_the_changed_fields() -> None:
    task = a_task()
    (entry,) = recorded(*written(task, change(task, TaskChanges(title="b", tags=()), NOON)))
    assert (entry["changed"], "previousStatus" in entry) == (["tags", "title"], False)


@pytest.mark.parametrize("expired", [False, True])
def test_a_removal_known_to_the_second_has_no_latency(expired: bool) -> None:
    (entry,) = recorded(*written(WAITING, None, expired=expired), after=timedelta(milliseconds=212))
    assert "latencyMilliseconds" not in entry
    assert entry["detailType"] == ("TaskExpired" if expired else "TaskDeleted")


def test_clocks_that_disagree_give_no_negative_latency() -> None:
    (entry,) = recorded(*written(None, WAITING), after=timedelta(milliseconds=-5))
    assert entry["latencyMilliseconds"] == 0


def test_every_kind_of_event_is_recorded() -> None:
    assert set(FUNCTIONS["record_event"]["trigger"]["detail_types"]) == set(EVENTS)
