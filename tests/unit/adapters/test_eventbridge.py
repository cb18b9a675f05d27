"""The bus: what fits into a request, and how refused entries are handled."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.adapters.eventbridge import MAX_BYTES, MAX_EVENT_BYTES, EventBridgeBus
from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import TaskEvent, events_of
from services.core.task import Task
from tests.harness.builders import a_task, the_largest_change
from tests.unit.adapters.conftest import Stubbed

Entry = dict[str, str]


class Events:
    """EventBridge's client, with its limits. `refuses` gives the error code of an entry, or None."""

    def __init__(self, refuses: Callable[[Entry], str | None] = lambda _: None) -> None:
        self._refuses = refuses
        self.requests: list[list[Entry]] = []

    def put_events(self, **request: list[Entry]) -> dict[str, Any]:
        entries = request["Entries"]
        self.requests.append(entries)
        codes = [self._refuses(entry) for entry in entries]
        answers = [
            {"ErrorCode": code, "ErrorMessage": "no"} if code else {"EventId": str(number)}
            for number, code in enumerate(codes)
        ]
        return {"FailedEntryCount": len(codes) - codes.count(None), "Entries": answers}

    @property
    def accepted(self) -> list[str]:
        """The task of each entry that was taken."""
        return [task_of(e) for entries in self.requests for e in entries if not self._refuses(e)]


def task_of(entry: Entry) -> str:
    return str(json.loads(entry["Detail"])["taskId"])


def created(task: Task | None = None) -> TaskEvent:
    task = task or a_task()
    return events_of(Write(None, task, "cause", task.updated_at))[0]


def size(entries: list[Entry]) -> int:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-size-calculation"""
    return sum(len(e["Source"]) + len(e["DetailType"]) + len(e["Detail"].encode()) for e in entries)


def test_an_event_is_an_entry_that_eventbridge_understands(stubbed: Stubbed) -> None:
    client, script = stubbed("events")
    event = created()
    entry = {
        "EventBusName": "bus",
        "Source": "task-manager",
        "DetailType": "TaskCreated",
        "Detail": event.as_json(),
    }
    script.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": [entry]}
    )

    assert EventBridgeBus(client, "bus").publish([event]) == []


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 20, 25])
def test_events_are_published_in_order_ten_at_a_time(number: int) -> None:
    client, events = Events(), [created() for _ in range(number)]

    EventBridgeBus(client, "bus").publish(events)

    assert client.accepted == [event.task_id for event in events]
    full, rest = divmod(number, 10)
    assert [len(entries) for entries in client.requests] == [10] * full + [rest] * bool(rest)


def test_no_request_is_larger_than_the_bus_takes() -> None:
    client, events = Events(), [created(a_task(description="🌍" * 15_000)) for _ in range(10)]

    EventBridgeBus(client, "bus").publish(events)

    assert client.accepted == [event.task_id for event in events]
    assert [len(entries) for entries in client.requests] == [4, 4, 2]
    assert all(size(entries) <= MAX_BYTES for entries in client.requests)


def test_the_largest_change_by_the_api_fits_an_event() -> None:
    client = Events()
    assert EventBridgeBus(client, "bus").publish([the_largest_change()]) == []
    assert size(client.requests[0]) < MAX_EVENT_BYTES


def test_an_event_that_fits_no_queue_is_refused_and_the_rest_is_published() -> None:
    """The bus may accept it, but the rule's target would refuse it unnoticed."""
    client, events = Events(), [created(), created(a_task(description="x" * MAX_BYTES)), created()]

    (refusal,) = EventBridgeBus(client, "bus").publish(events)

    assert refusal.event is events[1]
    assert f"at most {MAX_EVENT_BYTES}" in refusal.reason
    assert client.accepted == [events[0].task_id, events[2].task_id]


@pytest.mark.parametrize("code", ["MalformedDetail", "InvalidArgument", "ValidationException"])
def test_an_invalid_entry_is_refused_permanently(code: str) -> None:
    events = [created() for _ in range(12)]
    unfit = {events[3].task_id, events[11].task_id}
    client = Events(lambda entry: code if task_of(entry) in unfit else None)

    refusals = EventBridgeBus(client, "bus").publish(events)

    assert [(refusal.event, refusal.reason) for refusal in refusals] == [
        (events[3], f"{code}: no"),
        (events[11], f"{code}: no"),
    ]
    assert len(client.accepted) == 10


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure", "InternalException", "Unheard"])
def test_a_transient_refusal_of_an_entry_raises(code: str) -> None:
    events = [created() for _ in range(3)]
    codes = {events[1].task_id: "MalformedDetail", events[2].task_id: code}
    with pytest.raises(ServiceUnavailable, match=code):
        EventBridgeBus(Events(lambda entry: codes.get(task_of(entry))), "bus").publish(events)


def test_a_bus_that_does_not_answer_is_unavailable(stubbed: Stubbed) -> None:
    client, script = stubbed("events")
    script.add_client_error("put_events", "ThrottlingException")
    with pytest.raises(ServiceUnavailable):
        EventBridgeBus(client, "bus").publish([created()])


def test_a_missing_permission_raises_and_refuses_no_event(stubbed: Stubbed) -> None:
    client, script = stubbed("events")
    script.add_client_error("put_events", "AccessDeniedException", http_status_code=403)
    with pytest.raises(ClientError):
        EventBridgeBus(client, "bus").publish([created()])


def of_bytes(total: int) -> TaskEvent:
    """An event whose entry has this size."""
    rest = total - size_of(created(a_task(description="")))
    return created(a_task(description="x" * rest))


def size_of(event: TaskEvent) -> int:
    client = Events()
    EventBridgeBus(client, "bus").publish([event])
    return size(client.requests[0])


@pytest.mark.parametrize(("over", "requests"), [(0, 1), (1, 0)])
def test_the_limit_of_an_event_is_met_to_the_byte(over: int, requests: int) -> None:
    client = Events()

    refusals = EventBridgeBus(client, "bus").publish([of_bytes(MAX_EVENT_BYTES + over)])

    assert (len(client.requests), len(refusals)) == (requests, over)


@pytest.mark.parametrize(("over", "requests"), [(0, [3, 3, 1]), (1, [2, 2, 2, 1])])
def test_the_limit_of_a_request_is_met_to_the_byte(over: int, requests: list[int]) -> None:
    third = MAX_BYTES // 3
    last = MAX_BYTES - 2 * third + over
    client = Events()

    EventBridgeBus(client, "bus").publish([of_bytes(each) for each in (third, third, last) * 2 + (third,)])

    assert [len(entries) for entries in client.requests] == requests


def test_all_codes_of_transient_refusals_are_named() -> None:
    codes = iter(["Throttled", "Internal"])
    with pytest.raises(ServiceUnavailable, match="EventBridge is unavailable: Internal, Throttled"):
        EventBridgeBus(Events(lambda _: next(codes)), "bus").publish([created(), created()])


def test_a_refusal_without_a_message_has_its_code_alone() -> None:
    class Terse:
        def put_events(self, **_request: object) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]}

    (refusal,) = EventBridgeBus(Terse(), "bus").publish([created()])

    assert refusal.reason == "MalformedDetail: "
