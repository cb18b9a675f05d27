"""A trace as OpenTelemetry's OTLP in JSON, for a file or for a collector (OTLP/HTTP).

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hexadecimal, 64-bit integers text.
Names of attributes: https://opentelemetry.io/docs/specs/semconv/ (faas, http, messaging).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import httpx

from scripts.base.failure import Failure
from scripts.base.loopback import http_client, http_parts
from scripts.operators.log_lines import LogLine
from scripts.operators.story import Hop

SERVICE = "task-manager"
PATH = "/v1/traces"
ERROR = 2  # Status.StatusCode
_OWN_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")

Json = dict[str, Any]
Value = str | bool | int | float


class Kind(IntEnum):
    """`Span.SpanKind` of opentelemetry/proto/trace/v1/trace.proto."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


KINDS = {"api": Kind.SERVER, "write": Kind.CLIENT, "relay": Kind.PRODUCER, "archive": Kind.CLIENT}


@dataclass(frozen=True)
class Context:
    """The span that caused another, and the last producer before it: a queue's consumer links to that."""

    trace_id: str
    span_id: str
    kind: str
    producer: str = ""


def document(hops: Sequence[Hop], title: str, environment: str) -> Json:
    """The spans of a trace as `ExportTraceServiceRequest`; `title` is the id that was asked for."""
    by_service: dict[str, list[Json]] = defaultdict(list)
    for hop in hops:
        for service, span in _spans(hop, Context(trace_id(_cause(hop) or title), "", "")):
            by_service[service].append(span)
    return {"resourceSpans": [_resource(name, spans, environment) for name, spans in by_service.items()]}


def trace_id(correlation_id: str) -> str:
    """A request's trace id: its correlation id, if that has the form of one; else a hash of it."""
    plain = correlation_id.replace("-", "")
    return plain if _OWN_ID.fullmatch(plain) else hashlib.sha256(correlation_id.encode()).hexdigest()[:32]


def export(content: Json, collector: str) -> int:
    """Send the spans to a collector, named by its address; how many there were. Raises Failure."""
    address = collector.rstrip("/")
    if http_parts(address) is None:
        raise Failure(f"{collector!r} is no address of a collector: OTLP is such as http://localhost:4318")
    url = address if address.endswith(PATH) else address + PATH
    try:
        with http_client(address) as http:
            answer = http.post(url, json=content)
    except httpx.HTTPError as error:
        raise Failure(f"no collector took the trace at {url}: {error}: start one, or name another") from error
    if answer.is_error:
        raise Failure(f"the collector refused the trace: {answer.status_code} {answer.text[:200]}")
    if rejected := _rejected(answer):
        raise Failure(f"the collector rejected spans: {rejected}")
    return sum(len(scope["spans"]) for part in content["resourceSpans"] for scope in part["scopeSpans"])


def _rejected(answer: httpx.Response) -> str:
    """What a partial success says; collectors may answer in Protobuf, which says nothing here."""
    try:
        partial = answer.json().get("partialSuccess") or {}
        count = int(partial.get("rejectedSpans") or 0)
    except (ValueError, AttributeError):
        return ""
    return str(partial.get("errorMessage") or f"{count}, without a reason") if count else ""


def _spans(hop: Hop, cause: Context) -> Iterator[tuple[str, Json]]:
    line = hop.lines[0] if hop.lines else None
    consumes = hop.kind == "queue" if hop.failed else cause.kind == "queue"
    kind = Kind.CONSUMER if consumes and line else KINDS.get(hop.kind, Kind.INTERNAL)
    if hop.kind == "reaction" and not consumes:
        kind = Kind.SERVER
    key = f"{cause.trace_id}/{hop.kind}/{hop.text}/{hop.at.isoformat()}"
    span_id = hashlib.sha256(key.encode()).hexdigest()[:16]
    span: Json = {
        "traceId": cause.trace_id,
        "spanId": span_id,
        "name": " ".join(hop.text.split()),
        "kind": int(kind),
        "startTimeUnixNano": _nanoseconds(hop.at),
        "endTimeUnixNano": _nanoseconds(hop.at + (hop.duration or timedelta(0))),
        "attributes": _attributes(_facts(hop, line, consumes=consumes)),
        "status": {"code": ERROR, "message": _reason(hop)} if hop.failed else {},
    }
    if cause.span_id:
        span["parentSpanId"] = cause.span_id
    if kind is Kind.CONSUMER and cause.producer:
        span["links"] = [{"traceId": cause.trace_id, "spanId": cause.producer}]
    if events := [_exception(line) for line in hop.lines if line.fields.get("exception")]:
        span["events"] = events
    yield (line.function.replace("_", "-") if line and hop.kind != "write" else SERVICE), span
    producer = span_id if kind is Kind.PRODUCER else cause.producer
    for following in hop.follows:
        yield from _spans(following, Context(cause.trace_id, span_id, hop.kind, producer))


def _facts(hop: Hop, line: LogLine | None, *, consumes: bool) -> Iterator[tuple[str, Value | None]]:
    yield "task_manager.hop", hop.kind
    if hop.kind == "queue" and line is None:
        yield from (("messaging.system", "aws_sqs"), ("messaging.destination.name", hop.text.split()[-1]))
    if line is None:
        return
    yield "task_manager.correlation_id", line.correlation_id
    yield "task_manager.task_id", line.task_id
    if hop.kind == "write":
        yield from (("db.system.name", "aws.dynamodb"), ("db.operation.name", "write"))
        return
    yield from (("faas.name", line.function), ("faas.coldstart", line.cold))
    if consumes:
        yield from (("messaging.system", "aws_sqs"), ("messaging.operation.type", "process"))
        yield "messaging.message.id", line.fields.get("message_id")
    if hop.kind == "relay":
        yield from (("messaging.system", "aws_eventbridge"), ("messaging.operation.type", "send"))
        yield "messaging.message.id", line.fields.get("event_id")
    if hop.kind == "api":
        method, _, route = line.message.partition(" ")
        yield from (("http.request.method", method), ("http.route", route))
        yield "http.response.status_code", line.fields.get("status")


def _resource(service: str, spans: list[Json], environment: str) -> Json:
    facts = [("service.name", service), ("deployment.environment.name", environment)]
    if service != SERVICE:
        facts.append(("service.namespace", SERVICE))
    return {
        "resource": {"attributes": _attributes(facts)},
        "scopeSpans": [{"scope": {"name": SERVICE}, "spans": spans}],
    }


def _attributes(facts: Any) -> list[Json]:
    return [{"key": name, "value": _value(value)} for name, value in facts if value is not None]


def _value(value: Value) -> Json:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _exception(line: LogLine) -> Json:
    fields: Mapping[str, Any] = line.fields
    facts = [
        ("exception.type", fields.get("exception_name")),
        ("exception.message", fields.get("reason") or line.message),
        ("exception.stacktrace", fields.get("exception")),
    ]
    return {"timeUnixNano": _nanoseconds(line.at), "name": "exception", "attributes": _attributes(facts)}


def _reason(hop: Hop) -> str:
    return next((str(line.fields["reason"]) for line in hop.lines if line.fields.get("reason")), hop.text)


def _cause(hop: Hop) -> str | None:
    return next((line.correlation_id for line in hop.lines if line.correlation_id), None)


def _nanoseconds(at: datetime) -> str:
    return str(round(at.timestamp() * 1_000_000) * 1000)
