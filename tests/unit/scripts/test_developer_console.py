"""What `make console` finds, keeps and draws."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.base.paths import INFRA, ROOT
from scripts.console import letters, traces
from scripts.console.cold import is_cold
from scripts.console.index import Index
from scripts.console.layout import columns, workflow
from scripts.console.subject import Subject
from scripts.console.traffic import WINDOW, Flow, failures, flows, text_of
from scripts.deployments.target import Target
from scripts.documents.system import GATEWAY
from scripts.operators.log_lines import LogLine

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def subject(environment: str = "local", cloud: str = "embedded", client: Any = None) -> Subject:
    outputs = {
        "api_url": "http://here",
        "dead_letter_queue_urls": {},
        "function_names": {"relay": "a-relay"},
    }
    return Subject(Target(outputs, lambda _: client), environment, cloud, "grace", Index(NOON))


def line(at: float, message: str = "relayed", function: str = "relay", **fields: Any) -> LogLine:
    return LogLine(NOON + timedelta(seconds=at), function, "INFO", message, fields.pop("id", "one"), fields)


class TestIndex:
    def test_lines_are_found_by_any_of_their_ids(self) -> None:
        index, found = Index(NOON), line(1, task_id="t", message_id="m")

        index.add([found, line(2, id="two")])

        assert [index.of(name) for name in ("one", "t", "m", "nobody")] == [[found]] * 3 + [[]]

    def test_a_reader_goes_on_after_what_it_saw(self) -> None:
        index = Index(NOON)
        index.add(line(at, id=str(at)) for at in range(5))

        assert [number for number, _ in index.newest(2)] == [4, 5]
        assert [one.correlation_id for _, one in index.after(3)] == ["3", "4"]
        assert index.after(5) == []

    def test_the_oldest_are_forgotten_and_the_index_knows_it(self) -> None:
        index = Index(NOON, most_lines=2, most_events=1)

        index.add(line(at, id=str(at)) for at in range(3))
        for event_id in ("a", "b"):
            index.keep_event({"eventId": event_id})

        assert index.of("0") == []
        assert [number for number, _ in index.after(0)] == [2, 3]
        assert index.since == NOON
        assert (index.event("a"), index.event("b")) == (None, {"eventId": "b"})

    def test_listeners_hear_of_lines_and_of_trouble_until_they_stop(self) -> None:
        index, heard = Index(NOON), list[str]()

        with index.listening(lambda: heard.append("now")):
            index.add([line(1)])
            index.report("gone")
            index.report("gone")
        index.report("")

        assert heard == ["now", "now"]

    def test_a_closed_index_says_so_to_those_who_listen(self) -> None:
        index, heard = Index(NOON), list[bool]()

        with index.listening(lambda: heard.append(index.closed)):
            index.close()

        assert heard == [True]


class TestTraces:
    def test_a_trace_comes_from_the_index_with_event_wait_and_changes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = subject()
        shown.index.add(
            [
                line(60.01, "POST /tasks", "create_task", status=201, duration_ms=10, task_id="t"),
                line(
                    60.05, task_id="t", detail_type="TaskCreated", event_id="e", version=1, lag_ms=45,
                    occurred_at="2026-01-31T12:01:00.005Z",
                ),
                line(
                    60.2, "reacted", "record_event", task_id="t", detail_type="TaskCreated", event_id="e",
                    version=1, lag_ms=140, duration_ms=20,
                ),
            ]
        )  # fmt: skip
        changes = {"status": {"old": "pending", "new": "completed"}}
        shown.index.keep_event({"eventId": "e", "changes": changes})
        monkeypatch.setattr(traces, "from_logs", lambda *_: pytest.fail("the logs were read"))

        found = traces.trace_of(subject_with_executions(shown), "one")

        kinds = [(hop["depth"], hop["kind"]) for hop in found["hops"]]
        assert kinds == [(0, "api"), (1, "write"), (2, "relay"), (3, "queue"), (4, "reaction")]
        reaction = found["hops"][-1]
        assert (reaction["function"], reaction["waitMs"], reaction["durationMs"]) == ("record_event", 120, 20)
        assert (reaction["payload"]["eventId"], reaction["changes"]) == ("e", changes)
        assert found["hops"][0]["payload"] is None

    def test_on_aws_the_first_call_of_a_stream_is_cold(self) -> None:
        first = NOON + timedelta(seconds=1)
        answer = {"logStreams": [{"firstEventTimestamp": int(first.timestamp() * 1000)}]}
        logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [answer]))
        shown = subject("dev", "aws", logs)

        def call(at: float) -> LogLine:
            return LogLine(
                NOON + timedelta(seconds=at), "relay", "INFO", "", fields={"duration_ms": 50}, stream="s"
            )

        assert [is_cold(shown, call(at)) for at in (1.04, 3.0)] == [True, False]
        assert is_cold(subject(cloud="localstack"), call(1.04)) is None


def subject_with_executions(shown: Subject) -> Subject:
    """The same, on a cloud that knows no execution and holds no archive."""

    def unknown(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ExecutionDoesNotExist"}}, "DescribeExecution")

    outputs = {**shown.target.outputs, "approval_state_machine_arn": "arn:x:stateMachine:y"}
    target = Target(outputs, lambda _: SimpleNamespace(describe_execution=unknown))
    return Subject(target, "local", "embedded", "grace", shown.index)


@pytest.mark.parametrize(
    ("queue", "body", "problem"),
    [
        ("updated", "poison", "is not JSON"),
        ("updated", "[]", "is not a JSON object"),
        ("updated", "{}", "not an event of TaskUpdated"),
        ("relay", "{}", "is no stream record"),
        ("relay", '{"dynamodb": {}}', ""),
    ],
)
def test_an_unreadable_body_is_told_from_one_that_can_be_read(queue: str, body: str, problem: str) -> None:
    found = letters.problem_of(queue, body)

    assert problem in found
    assert bool(found) == bool(problem)


def test_the_published_samples_can_be_read() -> None:
    detail = json.loads((ROOT / "docs/events/TaskUpdated.sample.json").read_text(encoding="utf-8"))
    body = {"detail-type": "TaskUpdated", "detail": detail}

    assert letters.problem_of("updated", json.dumps(body)) == ""
    assert "does not fit schema 1.0" in letters.problem_of(
        "updated", json.dumps({**body, "detail": detail | {"version": "two"}})
    )


def test_states_stand_in_the_order_in_which_they_are_entered() -> None:
    text = (INFRA / "approval.asl.json").read_text(encoding="utf-8")
    definition = json.loads(text.replace("${approval_timeout_seconds}", "60"))

    drawn = workflow(definition)

    places = {node["id"]: node["column"] for node in drawn["nodes"]}
    assert set(places) == set(definition["States"])
    steps = (
        "ValidateTask",
        "CheckPriority",
        "WaitForApproval",
        "ExpireApproval",
        "TakeVerdict",
        "ApplyDecision",
    )
    assert [places[name] for name in steps] == list(range(6))
    assert {"source": "WaitForApproval", "target": "ExpireApproval", "label": "States.Timeout"} in drawn[
        "arrows"
    ]
    assert len({(node["column"], node["row"]) for node in drawn["nodes"]}) == len(places)


def test_an_arrow_that_leads_back_moves_nothing() -> None:
    assert columns("a", [("a", "b"), ("b", "c"), ("c", "b"), ("a", "c")]) == {"a": 0, "b": 1, "c": 2}


def test_what_went_over_an_arrow_lately_is_counted_with_its_mean_lag() -> None:
    index = Index(NOON)
    index.add(
        [
            line(-WINDOW.total_seconds() - 1, detail_type="TaskCreated", lag_ms=1),
            line(1, detail_type="TaskCreated", lag_ms=20),
            line(2, detail_type="TaskCreated", lag_ms=40),
            line(3, "GET /tasks", "list_tasks", status=500, duration_ms=7),
            line(4, "reacted", "on_created", lag_ms=90, duration_ms=5),
        ]
    )

    found = flows(index.newest(9), NOON)

    by_name = {
        (source.name, target.name): (flow.count, flow.mean) for (source, target), flow in found.items()
    }
    assert by_name[("tasks", "relay")] == (2, 30)
    assert by_name[("event bus", "created")] == (2, 0)
    assert by_name[("created", "on_created")] == (1, 90)
    assert by_name[(GATEWAY.name, "list_tasks")] == (1, 7)
    assert failures(index.newest(9), NOON) == {"list_tasks": 1}


@pytest.mark.parametrize(
    ("times", "text"), [([], ""), ([0, 0], "2"), ([20, 40], "2 · 30 ms"), ([1500], "1 · 1.5 s")]
)
def test_an_arrow_says_how_many_and_how_long(times: list[float], text: str) -> None:
    flow = Flow()

    for milliseconds in times:
        flow.add(milliseconds)

    assert text_of(flow) == text
