"""Records that can never be relayed are parked, whole, and block no others."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import ServiceUnavailable
from services.core.status import Status
from services.relay import relay as function
from services.streams import stream
from tests.harness.anything import JSON, damaged
from tests.harness.builders import a_task
from tests.harness.deliveries import TIME_TO_LIVE, stream_record
from tests.harness.fakes import FakeServices
from tests.unit.conftest import LogLines

Record = dict[str, Any]


def relay(services: FakeServices, *records: object) -> None:
    stream(function.relay, compose=lambda *_: services)({"Records": list(records)}, None)


def without_title(record: Record) -> None:
    del record["dynamodb"]["NewImage"]["title"]


def without_cause(record: Record) -> None:
    del record["dynamodb"]["NewImage"]["correlationId"]


def without_images(record: Record) -> None:
    del record["dynamodb"]["NewImage"]


def without_change(record: Record) -> None:
    del record["dynamodb"]


def unknown_status(record: Record) -> None:
    record["dynamodb"]["NewImage"]["status"] = {"S": "archived"}


def unknown_type(record: Record) -> None:
    record["dynamodb"]["NewImage"]["tags"] = {"SS": ["a", "b"]}


def fraction(record: Record) -> None:
    record["dynamodb"]["NewImage"]["version"] = {"N": "1.5"}


def no_such_day(record: Record) -> None:
    record["dynamodb"]["NewImage"]["updatedAt"] = {"S": "2026-02-30T12:00:00.000Z"}


def foreign_digits(record: Record) -> None:
    record["dynamodb"]["NewImage"]["updatedAt"] = {"S": "٢٠٢٦-01-31T12:00:00.000Z"}


def nested(record: Record) -> None:
    record["dynamodb"]["NewImage"]["approval"] = {"M": {"decision": {"S": "approve"}, "approver": {"S": "a"}}}


def half_a_pair(record: Record) -> None:
    record["dynamodb"]["NewImage"]["tags"] = {"L": [{"S": "\ud83d"}]}


def endless(record: Record) -> None:
    record["dynamodb"]["NewImage"]["version"] = {"N": float("inf")}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (without_title, "unreadable task: title: Field required"),
        (without_cause, "KeyError('correlationId')"),
        (without_images, "KeyError('OldImage')"),
        (without_change, "KeyError('dynamodb')"),
        (unknown_status, "unreadable task: status: "),
        (nested, "unreadable task: approval.decidedAt: Field required"),
        (unknown_type, "attribute type SS is not supported"),
        (fraction, "invalid literal for int() with base 10: '1.5'"),
        (endless, "cannot convert float infinity to integer"),
        (no_such_day, "unreadable task: updatedAt: "),
        (foreign_digits, "unreadable task: updatedAt: "),
        (half_a_pair, "text that is not Unicode: surrogates not allowed"),
    ],
)
def test_an_unreadable_record_is_parked_whole_and_the_rest_is_relayed(
    damage: Callable[[Record], None], reason: str, log_lines: LogLines
) -> None:
    services, before, after = FakeServices(), a_task(), a_task()
    bad = stream_record(None, a_task())
    damage(bad)
    as_it_came = copy.deepcopy(bad)

    relay(services, stream_record(None, before), bad, stream_record(None, after))

    assert [event.task_id for event in services.bus.events] == [before.task_id, after.task_id]
    ((record, given_reason),) = services.parking.records
    assert record == as_it_came
    assert reason in given_reason
    assert services.meter.values["ParkedRecords"] == [1]
    (line,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert (line["message"], line["reason"], line["record"]) == ("parked", given_reason, bad["eventID"])


def test_a_removal_without_a_correlation_id_is_parked() -> None:
    services, record = FakeServices(), stream_record(a_task(), None)
    del record["dynamodb"]["OldImage"]["correlationId"]

    relay(services, record)

    assert services.parking.records == [
        (record, "not a record of the table tasks: KeyError('correlationId')")
    ]


def test_what_is_no_record_of_a_stream_says_so() -> None:
    services = FakeServices()

    relay(services, {"eventID": "7"})

    assert services.parking.records == [
        ({"eventID": "7"}, "not a record of a table's stream: KeyError('eventSourceARN')")
    ]


@pytest.mark.parametrize("moment", [1e300, float("nan"), float("inf"), -1e15, "soon", None])
def test_a_removal_with_an_invalid_time_is_parked(moment: object) -> None:
    services, record = FakeServices(), stream_record(a_task(), None)
    record["dynamodb"]["ApproximateCreationDateTime"] = moment

    relay(services, record)

    assert [parked for parked, _ in services.parking.records] == [record]


def test_a_numeric_correlation_id_becomes_text() -> None:
    services, record = FakeServices(), stream_record(None, a_task())
    record["dynamodb"]["NewImage"]["correlationId"] = {"S": 66}

    relay(services, record)

    assert services.bus.events[0].correlation_id == "66"


def test_the_batch_is_retried_if_parking_fails() -> None:
    """Otherwise the record would be lost."""
    services, bad = FakeServices(), stream_record(None, a_task())
    without_title(bad)
    services.parking.failures = [ServiceUnavailable("SQS refuses for now")]

    with pytest.raises(ServiceUnavailable):
        relay(services, bad)
    relay(services, bad)

    assert [record for record, _ in services.parking.records] == [bad]


SOUND = a_task()
RECORDS = st.sampled_from(
    [
        stream_record(None, SOUND),
        stream_record(a_task(), a_task(status=Status.COMPLETED, version=2)),
        stream_record(SOUND, None, by=TIME_TO_LIVE),
    ]
)


@given(JSON)
def test_any_json_is_parked(record: Any) -> None:
    services = FakeServices()

    relay(services, stream_record(None, SOUND), record, stream_record(SOUND, None))

    assert [event.task_id for event in services.bus.events] == [SOUND.task_id] * 2
    assert [repr(parked) for parked, _ in services.parking.records] == [repr(record)]


@given(damaged(RECORDS))
def test_a_damaged_record_is_relayed_or_parked_alone(record: Any) -> None:
    services = FakeServices()

    relay(services, record, stream_record(None, SOUND))

    assert services.bus.events[-1].task_id == SOUND.task_id
    assert len(services.parking.records) <= 1
    for event in services.bus.events:
        assert json.loads(event.as_json())
