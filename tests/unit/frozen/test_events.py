"""Today's consumers and operators read events as EventBridge delivered them from earlier releases."""

import json
from types import ModuleType
from typing import Any

import pytest

from load.books import Books
from scripts.deployments.target import Target
from scripts.documents.frozen_forms import forms
from scripts.operators.events import line
from scripts.operators.restore import Memory, line_of, restore, stored_of
from scripts.operators.tap import Tap
from services.adapters.dynamodb.wire import item_from_wire
from services.approvals.apply_decision import apply_decision
from services.core.aggregates import EVENTS
from services.core.statistics import UserStatistics
from services.reactions import on_completed, on_created, on_deleted, on_updated, record_event
from services.reactions.consumer import consumer
from tests.harness.deliveries import queue_message
from tests.harness.fakes import FakeServices
from tests.unit.adapters.small_dynamodb import SmallDynamoDB
from tests.unit.frozen.conftest import frozen
from tests.unit.frozen.test_tables import APPROVED, CERTIFICATE, COMPLETED, PLANTS

NAMES = sorted(forms("events"))


def consume(services: FakeServices, reaction: ModuleType, *names: str) -> None:
    """Hand frozen events to a reaction, which must take them all."""
    react = getattr(reaction, reaction.__name__.rpartition(".")[2])
    kinds = {name: EVENTS[name.partition("-")[0]] for name in names}
    handler = consumer(react, *dict.fromkeys(kinds.values()), compose=lambda *_: services)
    messages = [queue_message(json.dumps(frozen("events", name))) for name in names]
    assert handler({"Records": messages}, None) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_recorded_in_the_feed(name: str) -> None:
    services, envelope = FakeServices(), frozen("events", name)

    consume(services, record_event, name)

    (entry,) = services.feed.newest(None, 9)
    detail = envelope["detail"]
    assert (entry.detail_type, entry.event_id) == (envelope["detail-type"], detail["eventId"])
    entity = detail[EVENTS[envelope["detail-type"]].entity]
    assert (entry.title, entry.version) == (entity.get("title", entity.get("text")), detail["version"])
    assert (entry.user_id, entry.correlation_id) == ("ada", detail["correlationId"])
    assert list(entry.changed) == sorted(detail["changes"])


def test_a_created_task_is_counted_announced_and_its_approval_started() -> None:
    services = FakeServices()

    consume(services, on_created, "TaskCreated")

    assert services.statistics.of_user("ada") == UserStatistics(user_id="ada", created=1)
    assert list(services.workflow.executions) == [f"{CERTIFICATE}-1"]
    assert [subject for subject, _ in services.notifications.notified] == ["Task created"]


def test_changes_of_status_are_announced() -> None:
    services = FakeServices()

    consume(services, on_updated, "TaskUpdated", "TaskUpdated-by-approval")

    subjects = [subject for subject, _ in services.notifications.notified]
    assert subjects == ["Task in progress", "Task approved"]


def test_a_completed_task_is_counted_and_archived() -> None:
    services = FakeServices()

    consume(services, on_completed, "TaskCompleted")

    totals = services.statistics.of_user("ada")
    assert (totals.completed, totals.average_completion_seconds) == (1, 120.0)
    assert [json.loads(document) for document in services.archive.objects.values()] == [COMPLETED]


def test_a_task_that_is_removed_while_it_waits_ends_its_approval() -> None:
    services = FakeServices()

    consume(services, on_deleted, "TaskDeleted", "TaskExpired", "TaskDeleted-while-waiting")

    ended = {task_id: verdict.kind for task_id, verdict in services.approvals.verdicts.items()}
    assert ended == {CERTIFICATE: "cancelled"}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("decided", "approved"), ("decided-without-task-version", "approved"), ("cancelled", "cancelled")],
)
def test_a_workflow_that_an_earlier_release_began_is_finished(
    name: str, outcome: str, services: FakeServices, tables: SmallDynamoDB
) -> None:
    tables.put("tasks", frozen("tasks", "waiting-for-approval"))

    assert apply_decision(frozen("workflow", name), services) == {"outcome": outcome}

    task = services.tasks.get(CERTIFICATE)
    assert task is not None
    assert task.was_approved is (outcome == "approved")


# --- operators and load tests


class OneBatch:
    """SQS with one batch of messages."""

    def __init__(self, names: list[str]) -> None:
        self._bodies = [json.dumps(frozen("events", name)) for name in names]

    def receive_message(self, **_: object) -> dict[str, Any]:
        return {"Messages": [{"Body": body, "ReceiptHandle": "one"} for body in self._bodies]}

    def delete_message_batch(self, **_: object) -> None:
        self._bodies.clear()


def test_operators_follow_the_events() -> None:
    events = Tap(OneBatch(NAMES), "queue", "rule").receive()

    lines = [line(event).plain for event in events]

    assert len(lines) == len(NAMES)
    assert "status: pending → in_progress" in lines[NAMES.index("TaskUpdated")]


def test_the_load_tests_enter_each_event_once() -> None:
    events = Tap(OneBatch(NAMES), "queue", "rule").receive()
    books = Books("ada")

    entered = [event for event in events if books.receive(event.detail_type, event.detail)]

    assert len(entered) == len({event.detail["eventId"] for event in events})


class OneTable(Target):
    """A deployment with nothing but the table of tasks."""

    def setting(self, function: str, name: str) -> str:
        return {"STATUS_SHARDS": "1", "RETENTION_DAYS": "90"}[name]


def test_tasks_are_restored_from_an_old_export_and_old_events(
    services: FakeServices, tables: SmallDynamoDB
) -> None:
    target = OneTable({"table_names": {"tasks": "tasks"}}, lambda _: tables.client())
    export = [stored_of(line_of(item_from_wire(frozen("tasks", "created-without-shard"))))]
    memory = Memory()
    for name in ("TaskUpdated", "TaskCompleted", "TaskApproved"):
        memory.take_in(frozen("events", name)["detail-type"], frozen("events", name)["detail"])

    assert restore(target, export, memory) == 2

    restored = {task_id: services.tasks.get(task_id) for task_id in (PLANTS, CERTIFICATE)}
    assert {task_id: task.as_document() for task_id, task in restored.items() if task} == {
        PLANTS: COMPLETED,
        CERTIFICATE: APPROVED,
    }
