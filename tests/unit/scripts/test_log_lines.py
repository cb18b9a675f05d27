"""Log lines: how they are parsed, and how they are shown."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.deployments.target import Target
from scripts.operators.log_lines import ColdStarts, LogLine, LogReader, about, ago, chosen_functions, parse
from scripts.operators.logs import as_text
from scripts.operators.status import last_errors

PLATFORM = json.loads((ROOT / "tests/aws/platform_records.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WRITTEN = {
    "timestamp": "2026-01-31T12:00:00.123+00:00",
    "level": "INFO",
    "service": "relay",
    "correlation_id": "one",
    "message": "relayed",
    "task_id": "t",
    "duration_ms": 12.5,
}


def event(message: str, at: datetime = NOON, stream: str = "s") -> dict[str, object]:
    return {"timestamp": int(at.timestamp() * 1000), "message": message, "logStreamName": stream}


def test_a_line_is_read_with_the_time_it_names() -> None:
    line = parse("relay", event(json.dumps(WRITTEN)))

    assert line is not None
    assert (line.at, line.message, line.correlation_id) == (
        NOON + timedelta(milliseconds=123), "relayed", "one",
    )  # fmt: skip
    assert line.task_id == "t"
    assert line.duration == timedelta(milliseconds=12.5)
    assert line.fields == {"task_id": "t", "duration_ms": 12.5}


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1 Version: 1",
        "END RequestId: 1",
        "REPORT RequestId: 1",
        "",
        '{"_aws": {}, "Lag": [1]}',
    ],
)
def test_metrics_and_lambdas_routine_lines_are_left_out(message: str) -> None:
    assert parse("relay", event(message)) is None


def test_a_line_that_is_no_json_is_shown_unchanged() -> None:
    line = parse("relay", event("2026 Task timed out after 3.00 seconds"))

    assert line is not None
    assert (line.level, line.at) == ("ERROR", NOON)
    assert "timed out" in as_text(line).plain


def platform(name: str) -> str:
    """A line that Lambda itself writes: tests/aws/platform_records.json."""
    return json.dumps(PLATFORM["records"][name]["event"])


@pytest.mark.parametrize(
    ("name", "message", "field"),
    [
        ("timeout", "platform.report: timeout", ("status", "timeout")),
        ("out_of_memory", "platform.report: error", ("errorType", "Runtime.OutOfMemory")),
        ("failed_start", "platform.initReport: error", ("errorType", "Runtime.ExitError")),
    ],
)
def test_a_timeout_or_a_crash_shows_as_an_error(name: str, message: str, field: tuple[str, str]) -> None:
    line = parse("relay", event(platform(name)))

    assert line is not None
    assert (line.level, line.message) == ("ERROR", message)
    assert field in line.fields.items()


def test_a_report_of_success_is_routine() -> None:
    assert parse("relay", event(platform("success"))) is None


def test_a_report_in_text_shows_as_an_error_if_it_is_one() -> None:
    report = "REPORT RequestId: 1\tDuration: 3000.00 ms\tMemory Size: 128 MB\tMax Memory Used: 94 MB"

    assert parse("relay", event(report)) is None
    line = parse("relay", event(f"{report}\tStatus: timeout\n"))
    assert line is not None
    assert line.level == "ERROR"


def test_an_exception_logged_by_the_runtime_is_shown_with_its_message() -> None:
    written = {
        "timestamp": "2026-01-31T12:00:00Z",
        "level": "ERROR",
        "errorMessage": "no",
        "errorType": "ValueError",
        "requestId": "1",
        "stackTrace": ["  File"],
    }

    line = parse("relay", event(json.dumps(written)))

    assert line is not None
    assert (line.level, line.message, line.at) == ("ERROR", "ValueError: no", NOON)


def test_last_errors_include_timeouts_in_order() -> None:
    failed = json.dumps(WRITTEN | {"level": "ERROR", "message": "failed"})
    events = [
        event(platform("timeout"), NOON + timedelta(seconds=1)),
        event(failed),
        event(json.dumps(WRITTEN)),
    ]
    target = Target({"function_names": {"relay": "x"}}, lambda _service: Logs(events))

    assert [line.message for line in last_errors(target)] == ["failed", "platform.report: timeout"]


def test_other_lines_of_lambda_are_shown() -> None:
    line = parse("relay", event('{"type": "platform.extension", "record": {"state": "Failed"}}'))
    assert line is not None
    assert line.fields == {"state": "Failed"}


def test_a_line_shows_everything_without_control_characters() -> None:
    text = as_text(
        LogLine(NOON, "on_created", "ERROR", "bad\x1b[2J", "one", {"reason": "é\x1b", "n": [1]})
    ).plain
    assert "\x1b" not in text
    for part in ("12:00:00.000", "on-created", "ERROR", "reason=é", "n=[1]", "id=one"):
        assert part in text


class Logs:
    """Logs without a filter, as LocalStack's."""

    def __init__(self, events: list[dict[str, object]]) -> None:
        self.events = events

    def get_paginator(self, _name: str) -> "Logs":
        return self

    def paginate(self, **_query: object) -> list[dict[str, object]]:
        return [{"events": self.events}, {"events": []}]


def test_lines_come_in_order_once_and_filtered() -> None:
    late = json.dumps(WRITTEN | {"timestamp": "2026-01-31T12:00:01.000+00:00", "message": "second one"})
    events = [event(late), event(json.dumps(WRITTEN)), event(json.dumps(WRITTEN | {"correlation_id": "two"}))]
    target = Target({"function_names": {"relay": "x"}}, lambda _service: Logs(events))
    reader = LogReader(target, ["relay"])

    found = list(about(reader.read(NOON, "one"), correlation_id="one"))

    assert [line.message for line in found] == ["relayed", "second one"]
    assert reader.read(NOON, "one") == []


def test_functions_are_chosen_by_part_of_a_name() -> None:
    target = Target(
        {"function_names": dict.fromkeys(["relay", "get_task", "create_task", "task"], "")}, lambda _: None
    )
    for wanted, chosen in (
        ("", ["create_task", "get_task", "relay", "task"]),
        ("create-task", ["create_task"]),
        ("_task", ["create_task", "get_task"]),
        ("task", ["task"]),
    ):
        assert chosen_functions(target, wanted) == sorted(chosen)
    with pytest.raises(Failure, match=r"no function nobody: FN is .*relay"):
        chosen_functions(target, "nobody")


def test_periods_have_units() -> None:
    assert timedelta(minutes=14) < datetime.now(UTC) - ago("15m") < timedelta(minutes=16)
    for odd in ("", "15", "m", "-1m", "1y"):
        with pytest.raises(Failure, match="SINCE"):
            ago(odd)


def test_a_cold_start_is_known_by_lambdas_own_lines_and_else_unknown() -> None:
    starts = ColdStarts()

    def cold(stream: str, *messages: str) -> list[bool | None]:
        return [starts.cold(event(message, stream=stream)) for message in messages]

    first = cold("a", "INIT_START Runtime", "START RequestId: 1", "a line", "REPORT RequestId: 1")
    second = cold("a", "START RequestId: 2", "a line", "REPORT RequestId: 2")
    local = cold("b", "START RequestId: 3", "INIT_START Runtime", "a line", "REPORT RequestId: 3")

    assert (first[2], second[1], local[2]) == (True, False, True)
    assert cold("c", "a line") == [None]


def test_a_reader_that_runs_long_forgets_what_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scripts.operators.log_lines.MOST_SEEN", 1)
    events = [event(f"line {at}", NOON + timedelta(minutes=at)) for at in range(3)]
    pages = [{"events": events}]
    logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: pages))
    reader = LogReader(Target({"function_names": {"relay": "a"}}, lambda _: logs), ["relay"])

    first = reader.read(NOON)
    pages[0]["events"] = events[1:]
    again = reader.read(NOON + timedelta(minutes=1))

    assert [line.message for line in first] == ["line 0", "line 1", "line 2"]
    assert again == []
    assert len(reader._seen) == 2
