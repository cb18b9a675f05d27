"""Traces as OTLP: OpenTelemetry's own messages read them, and queues lie between linked spans."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from scripts.base.failure import Failure
from scripts.operators.log_lines import LogLine
from scripts.operators.otlp import document, export, trace_id
from scripts.operators.story import Story
from tests.unit.scripts.test_story import CREATED, NOON, line, ms, reacted

FAILED = LogLine(
    NOON + ms(90), "on_created", "ERROR", "reaction failed", "one",
    {"reason": "AccessDenied: no right", "message_id": "m", "exception": "Traceback", "exception_name": "E"},
)  # fmt: skip


@pytest.fixture
def spans() -> dict[str, Span]:
    """The spans of a created task whose reaction failed once, by name."""
    lines = [*CREATED, FAILED, reacted(130, "record_event", "TaskCreated", 1)]
    return {span.name: span for span in spans_of(lines)}


def spans_of(lines: list[LogLine]) -> list[Span]:
    """The spans of what these lines tell."""
    hops = Story(lines, lambda *_: None, lambda *_: None).tell()
    content = as_protobuf(document(hops, "one", "local"))
    return [span for part in content.resource_spans for scope in part.scope_spans for span in scope.spans]


def as_protobuf(content: dict[str, Any]) -> ExportTraceServiceRequest:
    """The document as Protobuf; JSON of Protobuf has bytes in base64, that of OTLP in hexadecimal."""

    def encoded(value: Any) -> Any:
        if isinstance(value, list):
            return [encoded(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            name: base64_of(one) if name.lower().endswith(("traceid", "spanid")) else encoded(one)
            for name, one in value.items()
        }

    return json_format.ParseDict(encoded(json.loads(json.dumps(content))), ExportTraceServiceRequest())


def base64_of(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()


def test_every_hop_is_a_span_below_its_cause(spans: dict[str, Span]) -> None:
    request = spans["create-task POST /tasks 201"]
    write, relay = spans["write task t version 1"], spans["relay TaskCreated → bus"]

    assert {(len(span.trace_id), len(span.span_id)) for span in spans.values()} == {(16, 8)}
    assert len({span.span_id for span in spans.values()}) == len(spans) == 8
    assert request.parent_span_id == b""
    assert (write.parent_span_id, relay.parent_span_id) == (request.span_id, write.span_id)
    assert [Span.SpanKind.Name(span.kind)[10:] for span in (request, write, relay)] == [
        "SERVER", "CLIENT", "PRODUCER",
    ]  # fmt: skip
    assert request.end_time_unix_nano - request.start_time_unix_nano == 10_000_000
    assert request.start_time_unix_nano == int(NOON.timestamp()) * 10**9


def test_a_queues_consumer_links_to_the_producer(spans: dict[str, Span]) -> None:
    producer = spans["relay TaskCreated → bus"]

    consumers = [span for span in spans.values() if span.kind == Span.SPAN_KIND_CONSUMER]

    assert {span.name for span in consumers} == {
        "on-created reacted", "record-event reacted", "on-created failed: AccessDenied: no right",
    }  # fmt: skip
    assert all([link.span_id for link in span.links] == [producer.span_id] for span in consumers)


def test_a_failure_is_an_error_with_its_exception(spans: dict[str, Span]) -> None:
    failed = spans["on-created failed: AccessDenied: no right"]

    assert (failed.status.code, failed.status.message) == (2, "AccessDenied: no right")
    (event,) = failed.events
    attributes = {one.key: one.value.string_value for one in event.attributes}
    assert attributes["exception.stacktrace"] == "Traceback"


def test_an_error_of_a_request_is_an_exception_of_its_span() -> None:
    fields = {"exception": "Traceback", "exception_name": "KeyError"}
    failed = LogLine(NOON + ms(8), "get_task", "ERROR", "failed", "one", fields)
    answered = line(10, "get_task", "GET /tasks/{taskId}", status=500, duration_ms=10)

    (span,) = spans_of([failed, answered])

    assert (span.name, span.status.code) == ("get-task GET /tasks/{taskId} 500", 2)
    assert [event.name for event in span.events] == ["exception"]


def test_attributes_have_the_names_of_the_conventions(spans: dict[str, Span]) -> None:
    request = {one.key: one.value for one in spans["create-task POST /tasks 201"].attributes}

    assert request["http.route"].string_value == "/tasks"
    assert request["http.response.status_code"].int_value == 201
    assert request["faas.name"].string_value == "create_task"


def test_the_trace_id_is_the_requests_own_where_it_has_the_form() -> None:
    own = "5d5bfc39660f6bdb3924fc428e59829c"

    assert trace_id(own) == own
    assert len(trace_id("my-request")) == 32
    assert trace_id("0" * 32) != "0" * 32, "OpenTelemetry takes a trace id of zeros for none"


@contextmanager
def collector(status: int, answer: str) -> Iterator[tuple[str, list[Any]]]:
    """A collector that answers so; its address, and what it was sent."""
    taken: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append((self.path, self.headers["content-type"], json.loads(body)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()


def test_a_collector_gets_the_spans() -> None:
    lines = [line(10, "get_task", "GET /tasks/{taskId}", status=200)]
    content = document(Story(lines, lambda *_: None, lambda *_: None).tell(), "one", "local")

    with collector(200, "{}") as (address, taken):
        count = export(content, address + "/")

    assert count == 1
    assert taken == [("/v1/traces", "application/json", content)]


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (400, "no", "refused the trace: 400 no"),
        (
            200,
            '{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}',
            "rejected spans: too old",
        ),
        (200, '{"partialSuccess": {"rejectedSpans": "3"}}', "rejected spans: 3, without a reason"),
    ],
)
def test_a_refusal_of_the_collector_is_a_failure(status: int, answer: str, said: str) -> None:
    with collector(status, answer) as (address, _), pytest.raises(Failure, match=said):
        export({"resourceSpans": []}, address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("localhost:4318", "OTLP is such as"),
        ("http://[", "OTLP is such as"),
        ("http://localhost:99999", "OTLP is such as"),
        ("http://127.0.0.1:9", "start one, or name"),
    ],
)
def test_a_collector_that_is_not_there_is_a_failure(address: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        export({"resourceSpans": []}, address)
