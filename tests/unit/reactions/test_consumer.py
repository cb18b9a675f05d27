"""From a queue to a reaction: each message succeeds or is retried alone, and failures are logged."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import TaskCreated, TaskDeleted, TaskEvent, TaskExpired, events_of
from services.core.moments import epoch_seconds
from services.reactions import on_deleted
from services.reactions.consumer import consumer
from services.reactions.on_created import on_created
from tests.harness.anything import JSON, damaged
from tests.harness.builders import a_task
from tests.harness.deliveries import envelope, event_message, queue_message
from tests.harness.fakes import NOON, FakeServices
from tests.unit.conftest import LogLines


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


def consume(services: FakeServices, *messages: dict[str, Any]) -> list[str]:
    """Handle messages of the queue of created tasks; return the ids of those to retry."""
    handler = consumer(on_created, TaskCreated, compose=lambda *_: services)
    answer = handler({"Records": list(messages)}, None)
    assert list(answer) == ["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def created(cause: str = "cause", **fields: object) -> TaskEvent:
    task = a_task(**fields)
    return events_of(Write(None, task, cause, task.updated_at))[0]


def broken(event: TaskEvent, **detail: object) -> str:
    """The message's body, with something else in the detail."""
    whole = envelope(event)
    return json.dumps(whole | {"detail": whole["detail"] | detail})


def without(event: TaskEvent, field: str) -> str:
    whole = envelope(event)
    del whole["detail"][field]
    return json.dumps(whole)


def test_successful_messages_are_not_retried(services: FakeServices) -> None:
    events = [created() for _ in range(10)]
    assert consume(services, *map(event_message, events)) == []
    assert [event for _, event in services.notifications.notified] == events


def test_exactly_the_failed_messages_are_retried(services: FakeServices) -> None:
    messages = [event_message(created(), f"message-{number}") for number in range(4)]
    services.statistics.failures = [ServiceUnavailable("first"), ServiceUnavailable("second")]

    assert consume(services, *messages) == ["message-0", "message-1"]
    assert consume(services, *messages[:2]) == []
    assert services.statistics.of_user("ada").created == 4


def test_all_messages_are_retried_if_all_fail(services: FakeServices) -> None:
    messages = [event_message(created(), f"message-{number}") for number in range(3)]
    services.statistics.failures = [ServiceUnavailable("down")] * 3
    assert consume(services, *messages) == ["message-0", "message-1", "message-2"]


def test_each_failed_message_is_counted_once(services: FakeServices) -> None:
    """The alarm's metric: Lambda counts no error for a message that goes back to its queue."""
    services.statistics.failures = [ServiceUnavailable("first"), ServiceUnavailable("second")]

    consume(services, *(event_message(created()) for _ in range(3)), queue_message("not json"))

    assert services.meter.values["ReactionFailures"] == [1, 1, 1]


def test_a_message_that_succeeds_counts_no_failure_and_its_lag(services: FakeServices) -> None:
    """The message was sent at noon; the clock of tests shows a second more at each look."""
    message = event_message(created())
    message["attributes"]["SentTimestamp"] = str(epoch_seconds(NOON) * 1000 - 2500)
    services.clock = lambda: NOON

    consume(services, message)

    assert services.meter.values["ReactionLagSeconds"] == [2.5]
    assert "ReactionFailures" not in services.meter.values


def test_the_services_are_those_that_the_reaction_uses_and_the_meter() -> None:
    asked: list[Any] = []

    def compose(work: object, uses: Iterable[str]) -> FakeServices:
        asked.extend((work, tuple(uses)))
        return FakeServices()

    consumer(on_created, TaskCreated, uses=("statistics", "workflow"), compose=compose)

    assert asked == [on_created, ("statistics", "workflow", "meter")]


def test_a_message_twice_in_a_batch_counts_once(services: FakeServices) -> None:
    event = created(user_id="ada")
    assert consume(services, event_message(event, "a"), event_message(event, "b")) == []
    assert services.statistics.of_user("ada").created == 1


SOUND = created()
WRONG_TYPE = json.dumps(envelope(SOUND) | {"detail-type": "TaskMislaid"})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not an event of TaskCreated: Invalid JSON"),
        ("not json", "not an event of TaskCreated: Invalid JSON"),
        ("[]", "not an event of TaskCreated: Input should be an object"),
        ("{}", "not an event of TaskCreated: detail-type: Field required"),
        ('{"detail-type": ["TaskCreated"]}', "not an event of TaskCreated: detail-type: Input should be"),
        ('{"detail-type": "TaskCreated"}', "not an event of TaskCreated: detail: Field required"),
        (WRONG_TYPE, "not an event of TaskCreated: detail-type: Input should be 'TaskCreated'"),
        ("[" * 100_000, "not an event of TaskCreated: Invalid JSON: recursion limit"),
        (broken(SOUND, schemaVersion="2.0"), "does not fit schema 1.0: schemaVersion: Input should be '1.0'"),
        (broken(SOUND, version="1"), "does not fit schema 1.0: version: "),
        (broken(SOUND, status="archived"), "does not fit schema 1.0: status: "),
        (broken(SOUND, task={}), "does not fit schema 1.0: task.taskId: Field required"),
        (broken(SOUND, occurredAt="yesterday"), "does not fit schema 1.0: occurredAt: "),
        (broken(SOUND, occurredAt="2026-02-30T12:00:00.000Z"), "does not fit schema 1.0: occurredAt: "),
        (without(SOUND, "userId"), "does not fit schema 1.0: userId: Field required"),
        (broken(SOUND, userId="\ud800"), "not an event of TaskCreated: Invalid JSON"),
    ],
    # A message's text holds a random id, but every worker needs the same name for the test.
    ids=lambda value: "message" if value.startswith("{") else value[:40],
)
def test_a_poisoned_message_fails_alone_with_a_logged_reason(
    services: FakeServices, log_lines: LogLines, body: str, reason: str
) -> None:
    before, after = created(), created()
    poison = queue_message(body, "poison")

    assert consume(services, event_message(before), poison, event_message(after)) == ["poison"]
    assert [event for _, event in services.notifications.notified] == [before, after]
    (line,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert (line["message"], line["message_id"], line["attempt"]) == ("reaction failed", "poison", "1")
    assert line["reason"].startswith(f"UnreadableEvent: {reason}")


def test_an_event_of_a_newer_minor_version_is_read(services: FakeServices) -> None:
    assert consume(services, queue_message(broken(SOUND, colour="red"))) == []
    assert services.notifications.notified == [("Task created", SOUND)]


def test_each_line_has_the_correlation_id_of_its_event(services: FakeServices, log_lines: LogLines) -> None:
    events = [created("one"), created("two"), created("three")]
    services.statistics.failures = [ServiceUnavailable("down")]

    consume(services, *map(event_message, events))

    lines = [(line["message"], line["correlation_id"]) for line in log_lines()]
    assert lines == [("reaction failed", "one"), ("reacted", "two"), ("reacted", "three")]


def test_an_unreadable_message_is_logged_without_anothers_correlation_id(
    services: FakeServices, log_lines: LogLines
) -> None:
    consume(services, event_message(created("one")), queue_message("{}"))
    (line,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert "correlation_id" not in line


def test_lines_name_the_event_without_its_content(services: FakeServices, log_lines: LogLines) -> None:
    event = created(title="private")

    consume(services, event_message(event))

    (line,) = log_lines()
    assert (line["detail_type"], line["event_id"]) == ("TaskCreated", event.event_id)
    assert (line["task_id"], line["version"]) == (event.task_id, 1)
    assert "private" not in json.dumps(line)


def test_the_lag_is_measured(services: FakeServices) -> None:
    consume(services, event_message(created()))
    assert services.meter.values["ReactionLagSeconds"] == [0]


def test_a_queue_may_carry_more_than_one_kind(services: FakeServices) -> None:
    handler = consumer(on_deleted.on_deleted, TaskDeleted, TaskExpired, compose=lambda *_: services)
    task = a_task()
    kinds = [events_of(Write(task, None, "cause", task.updated_at, expired))[0] for expired in (False, True)]
    messages = [event_message(event) for event in kinds]

    answer = handler({"Records": messages}, None)

    assert answer == {"batchItemFailures": []}


@given(JSON.map(json.dumps) | st.text())
def test_an_arbitrary_body_fails_alone(body: str) -> None:
    services, sound = FakeServices(), created()
    assert consume(services, queue_message(body, "any"), event_message(sound)) == ["any"]
    assert services.notifications.notified == [("Task created", sound)]


@given(damaged(st.just(envelope(SOUND))))
def test_a_damaged_event_is_handled_or_fails_alone(damaged_envelope: Any) -> None:
    services, sound = FakeServices(), created()

    failed = consume(services, queue_message(json.dumps(damaged_envelope), "any"), event_message(sound))

    assert failed in ([], ["any"])
    assert len(services.notifications.notified) == 2 - len(failed)


def test_a_line_has_the_lag_and_the_duration_in_milliseconds(
    services: FakeServices, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = event_message(created())
    message["attributes"]["SentTimestamp"] = str(epoch_seconds(NOON) * 1000 - 2500)
    services.clock = lambda: NOON + timedelta(microseconds=140)
    moments = iter([7.0, 7.012346])
    monkeypatch.setattr("services.reactions.consumer.time.perf_counter", lambda: next(moments))

    consume(services, message)

    (line,) = log_lines()
    assert (line["lag_ms"], line["duration_ms"]) == (2500.1, 12.3)
