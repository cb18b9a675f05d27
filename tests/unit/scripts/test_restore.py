"""Which version of a task is restored from events that arrived in any order."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.command_line.options import moment
from scripts.operators.queues import rule_of
from scripts.operators.restore import Memory, line_of, stored_of
from services.adapters.dynamodb.tasks import task_to_item
from services.core.event import Write
from services.core.events import events_of
from services.core.moments import parse_timestamp
from services.core.status import Status
from services.core.task import Task, next_version
from tests.harness.builders import a_task
from tests.harness.fakes import NOON

KEPT = timedelta(days=90)


def life() -> tuple[list[tuple[str, dict[str, Any]]], Any]:
    """The events of a task from its creation to its completion, and the task at the end."""
    created = a_task()
    renamed = next_version(created, NOON, title="Water them again")
    completed = next_version(renamed, NOON, status=Status.COMPLETED)
    writes = [(None, created), (created, renamed), (renamed, completed)]
    events = [event for old, new in writes for event in events_of(Write(old, new, "cause", new.updated_at))]
    return [(event.detail_type, json.loads(event.as_json())) for event in events], completed


def memory_of(events: Any) -> Memory:
    memory = Memory()
    for detail_type, detail in events:
        memory.take_in(detail_type, detail)
    return memory


def test_the_newest_version_is_restored_in_any_order() -> None:
    events, task = life()
    for sequence in itertools.permutations(events):
        (stored,) = memory_of(sequence).tasks(KEPT)
        assert Task.model_validate(stored, strict=False).as_document() == task.as_document()
        assert stored["correlationId"] == "cause"
        assert stored["expiresAt"] == int((parse_timestamp(task.updated_at) + KEPT).timestamp())


def test_a_line_of_an_export_is_the_item_as_dynamodb_writes_it() -> None:
    item = task_to_item(a_task(), "cause", 50)
    line = json.dumps(item) + "\n"
    assert line_of(stored_of(line)) == line


@pytest.mark.parametrize("expired", [False, True], ids=["deleted", "expired"])
def test_a_removed_task_is_not_restored(expired: bool) -> None:
    events, task = life()
    (removal,) = events_of(Write(task, None, "cause", task.updated_at, expired=expired))
    last = (removal.detail_type, json.loads(removal.as_json()))

    for sequence in ([*events, last], [last, *events]):
        memory = memory_of(sequence)
        assert list(memory.tasks(KEPT)) == []
        assert memory.removed() == {task.task_id}


def test_a_restored_later_version_gives_no_event() -> None:
    _, task = life()
    assert events_of(Write(None, task, "cause", task.updated_at)) == []


def test_a_task_restored_in_its_first_version_gives_its_event_again() -> None:
    task = a_task()
    write = Write(None, task, "cause", task.updated_at)

    assert [event.event_id for event in events_of(write)] == [event.event_id for event in events_of(write)]
    assert [event.detail_type for event in events_of(write)] == ["TaskCreated"]


def test_times_are_iso_8601_or_refused_by_name() -> None:
    noon = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    assert moment("2026-01-31T12:00:00Z") == noon
    assert moment("2026-01-31T12:00") == noon
    with pytest.raises(Failure, match="'yesterday' is not a time"):
        moment("yesterday")


@pytest.mark.parametrize("argument", ["CONSUMER", "BUS"])
def test_a_consumer_is_named_by_its_queue(argument: str) -> None:
    outputs = {"queue_urls": {"created": "http://cloud/000000000000/task-manager-dev-created"}}
    assert rule_of(outputs, "created", argument) == "task-manager-dev-created"
    with pytest.raises(Failure, match=f"there is no queue 'moon': {argument} is one of created"):
        rule_of(outputs, "moon", argument)
