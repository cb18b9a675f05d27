import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.ids import is_task_id, new_task_id
from services.core.moments import parse_timestamp, seconds_between, system_clock, timestamp

MOMENTS = st.integers(min_value=0, max_value=253_000_000_000_000).map(
    lambda milliseconds: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds, microseconds=7)
)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_moment(moment: datetime) -> None:
    uuid = UUID(new_task_id(moment))
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == int(moment.timestamp() * 1000)


@given(MOMENTS, st.integers(min_value=1, max_value=10**9))
def test_ids_sort_by_age(moment: datetime, milliseconds: int) -> None:
    later = min(moment + timedelta(milliseconds=milliseconds), datetime(9999, 12, 31, tzinfo=UTC))
    if later - moment > timedelta(milliseconds=1):
        assert new_task_id(moment) < new_task_id(later)


def test_ids_of_one_moment_differ() -> None:
    now = datetime.now(UTC)
    assert len({new_task_id(now) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text", ["", "x", "../tasks", "0198c1d2-7b3e-7a1f-8c2d-1234567890AB", "0198c1d2", "%00", "世界"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_task_id(text)


@given(MOMENTS)
def test_timestamps_come_back_to_the_millisecond(moment: datetime) -> None:
    text = timestamp(moment)
    assert len(text) == len("2026-01-31T12:00:00.000Z")
    assert timedelta(0) <= moment - parse_timestamp(text) < timedelta(milliseconds=1)


def test_timestamps_are_utc_in_every_zone() -> None:
    assert timestamp(datetime.fromisoformat("2026-01-31T13:00:00+01:00")) == "2026-01-31T12:00:00.000Z"


def test_timestamps_are_utc_on_a_machine_of_another_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a developer's is, where functions run as well."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "JST-9")
        time.tzset()
        written = timestamp(datetime(2026, 1, 31, 12, tzinfo=UTC))
    time.tzset()

    assert written == "2026-01-31T12:00:00.000Z"


def test_seconds_between() -> None:
    assert seconds_between("2026-01-31T12:00:00.000Z", "2026-01-31T12:01:00.500Z") == 60.5


def test_the_system_clock_is_in_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)
