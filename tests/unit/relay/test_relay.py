"""The relay on readable records: published in order; a failed batch is retried whole."""

from datetime import timedelta

import pytest

from services.core.errors import ServiceUnavailable
from services.core.events import TaskEvent
from services.core.status import Status
from services.core.task import Task, TaskChanges, change
from services.relay import relay as function
from services.streams import stream
from tests.harness.builders import a_task
from tests.harness.deliveries import TIME_TO_LIVE, stream_record
from tests.harness.fakes import NOON, FakeServices
from tests.unit.conftest import LogLines


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


def relay(services: FakeServices, *records: object) -> None:
    stream(function.relay, compose=lambda *_: services)({"Records": list(records)}, None)


def completed(task: Task) -> Task:
    return change(task, TaskChanges(status=Status.COMPLETED), NOON)


def seen(services: FakeServices) -> list[tuple[str, str]]:
    return [(event.task_id, event.detail_type) for event in services.bus.events]


def test_a_write_becomes_its_events_in_the_order_of_the_stream(services: FakeServices) -> None:
    one, other = a_task(), a_task()

    relay(
        services,
        stream_record(None, one),
        stream_record(None, other),
        stream_record(one, completed(one)),
        stream_record(other, None),
    )

    assert seen(services) == [
        (one.task_id, "TaskCreated"),
        (other.task_id, "TaskCreated"),
        (one.task_id, "TaskUpdated"),
        (one.task_id, "TaskCompleted"),
        (other.task_id, "TaskDeleted"),
    ]
    assert services.parking.records == []


def test_the_event_has_the_task_as_it_was_stored(services: FakeServices) -> None:
    task = a_task(title="Grüße 🌍", tags=("a", "b"))
    relay(services, stream_record(None, task))
    assert services.bus.events[0].task == task


def test_a_write_that_changes_no_task_is_not_relayed(services: FakeServices) -> None:
    task = a_task()
    relay(services, stream_record(task, task))
    assert (services.bus.events, services.parking.records) == ([], [])


def test_events_have_the_correlation_id_of_their_write(services: FakeServices) -> None:
    task = a_task()

    relay(
        services,
        stream_record(None, task, cause="first"),
        stream_record(task, completed(task), cause="second"),
        stream_record(completed(task), None, cause="third"),
    )

    causes = [event.correlation_id for event in services.bus.events]
    assert causes == ["first", "second", "second", "third"]


@pytest.mark.parametrize(
    ("by", "detail_type"),
    [
        (None, "TaskDeleted"),
        (TIME_TO_LIVE, "TaskExpired"),
        ({"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}, "TaskDeleted"),
        ({"type": "User", "principalId": "dynamodb.amazonaws.com"}, "TaskDeleted"),
    ],
)
def test_only_the_time_to_live_makes_a_removal_an_expiry(
    services: FakeServices, by: dict[str, str] | None, detail_type: str
) -> None:
    task = a_task(status=Status.COMPLETED)
    relay(services, stream_record(task, None, by=by))
    assert seen(services) == [(task.task_id, detail_type)]


def test_a_removal_is_never_earlier_than_the_last_write(services: FakeServices) -> None:
    """Stream times are truncated to seconds, so they may be earlier than the last write."""
    task = a_task(updated_at="2026-01-31T12:00:00.900Z")

    relay(services, stream_record(task, None, removed_at=NOON.timestamp()))
    relay(services, stream_record(task, None, removed_at=NOON.timestamp() + 5))

    moments = [event.occurred_at for event in services.bus.events]
    assert moments == ["2026-01-31T12:00:00.900Z", "2026-01-31T12:00:05.000Z"]


def test_a_transient_refusal_by_the_bus_retries_the_batch(services: FakeServices) -> None:
    """Retried events have the same ids, so consumers recognise them."""
    records = [stream_record(None, a_task()) for _ in range(3)]
    services.bus.failures = [ServiceUnavailable("throttled")]

    with pytest.raises(ServiceUnavailable):
        relay(services, *records)
    assert services.parking.records == []

    relay(services, *records)
    first = [event.event_id for event in services.bus.events]
    relay(services, *records)

    assert [event.event_id for event in services.bus.events] == first * 2


def test_an_event_that_the_bus_refuses_is_parked_and_the_rest_is_relayed(
    services: FakeServices, log_lines: LogLines
) -> None:
    good, bad = a_task(), a_task()
    bad_record = stream_record(None, bad)
    services.bus.refuses = lambda event: "MalformedDetail: odd" if event.task_id == bad.task_id else None

    relay(services, stream_record(None, good), bad_record, stream_record(good, None))

    assert seen(services) == [(good.task_id, "TaskCreated"), (good.task_id, "TaskDeleted")]
    ((record, reason),) = services.parking.records
    assert record == bad_record
    assert "MalformedDetail: odd" in reason
    relayed = [line["task_id"] for line in log_lines() if line["message"] == "relayed"]
    assert relayed == [good.task_id, good.task_id]


def test_each_event_is_logged_with_its_correlation_id(services: FakeServices, log_lines: LogLines) -> None:
    tasks = [a_task(), a_task()]

    relay(services, *[stream_record(None, task, f"cause of {task.task_id}") for task in tasks])

    lines = [(line["task_id"], line["correlation_id"]) for line in log_lines()]
    assert lines == [(task.task_id, f"cause of {task.task_id}") for task in tasks]


def test_a_line_names_the_event_and_its_lag_without_its_content(
    services: FakeServices, log_lines: LogLines
) -> None:
    task = a_task(title="private", updated_at="2026-01-31T11:59:58.000Z")
    services.clock = lambda: NOON + timedelta(microseconds=140)

    relay(services, stream_record(None, task))

    (line,) = log_lines()
    (event,) = services.bus.events
    about = ("message", "detail_type", "event_id", "task_id", "version", "occurred_at", "lag_ms")
    assert [line[name] for name in about] == [
        *("relayed", "TaskCreated", event.event_id, task.task_id, 1, "2026-01-31T11:59:58.000Z", 2000.1)
    ]
    assert "private" not in str(line)


def test_the_lag_of_each_event_is_measured(services: FakeServices) -> None:
    task = a_task(updated_at="2026-01-31T11:59:58.000Z", created_at="2026-01-31T11:59:58.000Z")

    relay(services, stream_record(None, task), stream_record(task, completed(task)))

    lags = services.meter.values["RelayLagSeconds"]
    assert lags[0] == 2
    assert all(lag >= 0 for lag in lags)
    assert len(lags) == len(services.bus.events)


def test_a_batch_without_events_publishes_nothing(services: FakeServices) -> None:
    relay(services)
    events: list[TaskEvent] = services.bus.events
    assert events == []
