"""A second kind of entity becomes events, entries of the feed and steps of a trace by being registered."""

import json
from datetime import timedelta
from typing import Any

import pytest

from scripts.operators import log_lines, story
from scripts.operators.deliveries import record_of, stream_record
from scripts.operators.log_lines import LogLine
from scripts.operators.story import Hop, Story
from services.adapters.dynamodb.feed import entry_from_item
from services.adapters.dynamodb.wire import item_to_wire
from services.core import aggregates
from services.core.aggregates import AGGREGATES
from services.core.event import Aggregate, Change, Event, lifecycle
from services.core.feed import EntityEntry, entry_of
from services.core.moments import Timestamp, timestamp
from services.core.task import Stored
from services.relay.relay import relay
from services.streams import stream
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, FakeServices

TABLE = "task-manager-local-sub_tasks"


class Note(Stored):
    """What is written on a task."""

    note_id: str
    task_id: str
    user_id: str
    text: str
    updated_at: Timestamp
    version: int


class NoteEvent(Event):
    """What happened to a note."""

    entity = "note"

    note_id: str
    user_id: str
    version: int
    note: Note
    changes: dict[str, Change]


class NoteWritten(NoteEvent):
    """A note was written."""

    detail_type = "NoteWritten"


class NoteChanged(NoteEvent):
    """A note was changed."""

    detail_type = "NoteChanged"


class NoteRemoved(NoteEvent):
    """A note was removed."""

    detail_type = "NoteRemoved"
    is_removal = True


# Its table's name ends as the tasks' does.
NOTES = Aggregate(
    name="note",
    table="sub_tasks",
    model=Note,
    events=(NoteWritten, NoteChanged, NoteRemoved),
    events_of=lifecycle(NoteWritten, NoteChanged, NoteRemoved),
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(aggregates._BY_TABLE, NOTES.table, NOTES)
    monkeypatch.setattr(log_lines, "AGGREGATES", (*AGGREGATES, NOTES))
    monkeypatch.setattr(story, "REMOVALS", (*story.REMOVALS, "NoteRemoved"))


def a_note(text: str = "By Monday", version: int = 1) -> Note:
    return Note(
        note_id="0198c1d2-7b3e-7a1f-8c2d-00000000000a",
        task_id="0198c1d2-7b3e-7a1f-8c2d-00000000000b",
        user_id="ada",
        text=text,
        updated_at=timestamp(NOON),
        version=version,
    )


def record(old: Note | None, new: Note | None, table: str = TABLE) -> dict[str, Any]:
    return stream_record(old, new, "request-1", NOON.timestamp(), table=table)


def relayed(*records: dict[str, Any]) -> FakeServices:
    services = FakeServices()
    stream(relay, compose=lambda *_: services)({"Records": list(records)}, None)
    return services


def test_the_relay_publishes_the_events_of_every_aggregate_in_one_batch() -> None:
    first, second, task = a_note(), a_note("By Friday", 2), a_task()

    services = relayed(
        record(None, first),
        stream_record(None, task, "other", 0),
        record(first, second),
        record(second, None),
    )

    events = services.bus.events
    assert [event.detail_type for event in events] == [
        "NoteWritten",
        "TaskCreated",
        "NoteChanged",
        "NoteRemoved",
    ]
    changed = json.loads(events[2].as_json())
    assert changed["noteId"] == first.note_id
    assert changed["changes"] == {"text": {"old": "By Monday", "new": "By Friday"}}
    assert (changed["correlationId"], changed["version"]) == ("request-1", 2)
    assert events[3].version == 3
    assert len({event.event_id for event in events}) == 4


def test_a_repeated_record_gives_the_same_ids_and_a_restored_entity_gives_none() -> None:
    again = [relayed(record(None, a_note())).bus.events[0].event_id for _ in range(2)]

    assert again[0] == again[1]
    assert relayed(record(None, a_note(version=3))).bus.events == []


@pytest.mark.parametrize("table", ["task-manager-local-invoices", "task-manager-local-other_tasks"])
def test_a_record_of_a_table_that_is_not_registered_is_parked_and_stops_nothing(table: str) -> None:
    strange = record_of({"NewImage": {}}, "INSERT", table)

    services = relayed(strange, record(None, a_note()))

    assert services.parking.records == [(strange, f"no aggregate is kept in the table {table}")]
    assert [event.detail_type for event in services.bus.events] == ["NoteWritten"]


def test_an_item_that_is_no_such_entity_is_parked_with_its_name() -> None:
    bad = record(None, a_note())
    del bad["dynamodb"]["NewImage"]["text"]

    ((_, reason),) = relayed(bad).parking.records

    assert reason == "unreadable note: text: Field required"


def test_the_feed_keeps_events_of_every_aggregate() -> None:
    (event,) = relayed(record(None, a_note())).bus.events

    entry = entry_of(event, NOON + timedelta(milliseconds=250))
    item = item_to_wire(entry.model_dump(mode="json", by_alias=True))

    assert isinstance(entry, EntityEntry)
    assert (entry.entity, entry.entity_id, entry.title) == ("note", event.entity_id, "By Monday")
    assert entry.latency_milliseconds == 250
    assert entry_from_item(item) == entry


def line(at: float, function: str, message: str, **fields: Any) -> LogLine:
    return LogLine(NOON + timedelta(milliseconds=at), function, "INFO", message, "one", fields)


def told(hops: list[Hop]) -> list[Any]:
    return [hop.text if not hop.follows else (hop.text, told(hop.follows)) for hop in hops]


def test_a_trace_tells_of_every_aggregate() -> None:
    about = {"detail_type": "NoteWritten", "event_id": "e1", "note_id": "n", "version": 1}
    lines = [
        line(10, "create_task", "POST /tasks/{taskId}/notes", status=201, duration_ms=10, note_id="n"),
        line(60, "relay", "relayed", occurred_at=timestamp(NOON), lag_ms=55.0, **about),
        line(120, "record_event", "reacted", lag_ms=50, duration_ms=20, **about),
    ]

    hops = Story(lines, lambda *_: None, lambda *_: None).tell()

    ((request, [(write, [(relay_, [(_, reactions)])])]),) = told(hops)
    assert request == "create-task  POST /tasks/{taskId}/notes  201"
    assert (write, relay_) == ("write  note n version 1", "relay  NoteWritten → bus")
    assert reactions == ["record-event  reacted"]
