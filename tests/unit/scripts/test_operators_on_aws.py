"""The operators' commands where AWS differs from local clouds: empty pages, throttling, letter case."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import dead_letters, redrive, status
from scripts.operators.dead_letters import DeadLetter
from scripts.operators.log_lines import LogReader
from services.adapters.dynamodb.stream import write_of
from services.core.events import events_of
from services.core.moments import epoch_seconds
from tests.harness.as_aws import target
from tests.harness.builders import a_task
from tests.harness.command_line import task_manager
from tests.harness.deliveries import TIME_TO_LIVE, stream_record
from tests.harness.fakes import NOON
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, fault_proxy, is_call

QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/task-manager-dev"
SENT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
OUTPUTS: dict[str, Any] = {
    "queue_urls": {"updated": f"{QUEUE_URL}-updated"},
    "dead_letter_queue_urls": {
        "updated": f"{QUEUE_URL}-updated-dead-letters",
        "relay": f"{QUEUE_URL}-relay-dead-letters",
    },
    "function_names": {"on_updated": "task-manager-dev-on-updated", "relay": "task-manager-dev-relay"},
}
THROTTLED = {
    "logs": Answer.refusal("ThrottlingException"),
    "sqs": Answer.refusal("RequestThrottled"),
    "lambda": Answer.refusal("TooManyRequestsException", 429),
    "dynamodb": Answer.refusal("ProvisionedThroughputExceededException"),
}


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


@pytest.fixture
def deployed(aws: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A deployment on AWS, which the commands choose by themselves."""
    chosen = target(aws, **OUTPUTS)
    for command in (dead_letters, redrive):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: chosen)
    monkeypatch.setenv("COLUMNS", "200")
    return chosen


class Pages:
    """Answers of one operation, a page a call; the service throttles the first call."""

    def __init__(self, aws: FaultProxy, service: str, operation: str, *pages: dict[str, Any]) -> None:
        aws.add(is_call(service, operation), answer_with(THROTTLED[service]), times=1)
        aws.add(is_call(service, operation), self)
        self._pages = iter(pages)
        self.queries: list[dict[str, Any]] = []

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        self.queries.append(call.json)
        return Answer.of_json(next(self._pages))


def log_event(**content: Any) -> dict[str, Any]:
    at = int(SENT.timestamp() * 1000)
    return {"timestamp": at, "message": json.dumps(content), "logStreamName": "s", "eventId": "1"}


def letter(queue: str, body: Any) -> DeadLetter:
    text = body if isinstance(body, str) else json.dumps(body)
    return DeadLetter(queue, OUTPUTS["dead_letter_queue_urls"][queue], "m-1", "r-1", SENT, text, None)


def test_reason_is_found_behind_empty_pages(aws: FaultProxy, deployed: Target) -> None:
    pages = Pages(
        aws,
        "logs",
        "FilterLogEvents",
        {"events": [], "nextToken": "a"},
        {"events": [log_event(message="reaction failed", reason="first")], "nextToken": "b"},
        {"events": [], "nextToken": "c"},
        {"events": [log_event(message="reaction failed", reason="the table is throttled")]},
    )

    assert dead_letters.reason_of(deployed, letter("updated", "{}")) == "the table is throttled"
    assert [query.get("nextToken") for query in pages.queries] == [None, "a", "b", "c"]
    assert {query["startTime"] for query in pages.queries} == {int(SENT.timestamp() * 1000)}
    assert {query["filterPattern"] for query in pages.queries} == {'"m-1"'}


def test_log_lines_are_found_behind_empty_pages(aws: FaultProxy, deployed: Target) -> None:
    line = log_event(message="relayed", level="INFO")
    Pages(aws, "logs", "FilterLogEvents", {"events": [], "nextToken": "a"}, {"events": [line]})
    assert [line.message for line in LogReader(deployed, ["relay"]).read(SENT)] == ["relayed"]


def test_dead_letters_are_listed_with_reasons_despite_throttling(
    aws: FaultProxy, deployed: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    received = {
        "MessageId": "m-1", "ReceiptHandle": "r-1", "Body": "the body", "MD5OfBody": "x",
        "Attributes": {"SentTimestamp": str(int(SENT.timestamp() * 1000))},
    }  # fmt: skip
    for operation in ("ReceiveMessage", "ChangeMessageVisibility"):
        aws.add(is_call("sqs", operation), answer_with(THROTTLED["sqs"]), times=1)
    full = is_call("sqs", "ReceiveMessage")
    aws.add(
        lambda call: full(call) and "updated" in call.json["QueueUrl"],
        answer_with(Answer.of_json({"Messages": [received | {"MD5OfBody": md5("the body")}]})),
        times=1,
    )
    aws.add(is_call("sqs", ".*"), answer_with(Answer.of_json({})))
    Pages(
        aws,
        "logs",
        "FilterLogEvents",
        {"events": [], "nextToken": "a"},
        {"events": [log_event(reason="why")]},
    )

    task_manager("dead-letters")

    shown = capsys.readouterr().out
    assert "m-1" in shown
    assert "why" in shown
    assert "1 dead letters" in shown
    # A short poll asks some of SQS's servers only.
    polls = [call.json for call in aws.calls if call.operation == "ReceiveMessage"]
    assert all(poll["WaitTimeSeconds"] > 0 for poll in polls)


def md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def as_get_records_gives_it(record: dict[str, Any]) -> dict[str, Any]:
    """The record as DynamoDB Streams writes it: `PrincipalId` where Lambda says `principalId`."""
    identity = {name[0].upper() + name[1:]: value for name, value in record.get("userIdentity", {}).items()}
    return record | ({"userIdentity": identity} if identity else {})


NOTE = {
    "DDBStreamBatchInfo": {
        "streamArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/tasks/stream/2026-01-31T00:00:00.000",
        "shardId": "shardId-00000001414576573621-f55eea83",
        "startSequenceNumber": "100000000000000000001",
        "batchSize": 2,
    }
}


class Relay:
    """The function's invocations: the version, and the records of each."""

    def __init__(self, aws: FaultProxy) -> None:
        self.qualifiers: list[str] = []
        self.records: list[list[dict[str, Any]]] = []
        path = r"POST /2015-03-31/functions/task-manager-dev-relay/invocations"
        aws.add(is_call("lambda", path), answer_with(THROTTLED["lambda"]), times=1)
        aws.add(is_call("lambda", path), self)

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        self.qualifiers += parse_qs(urlsplit(call.path).query).get("Qualifier", ["$LATEST"])
        self.records.append(call.json["Records"])
        return Answer(200, {"content-type": "application/json"}, b"null")


def given_stream(aws: FaultProxy, *pages: dict[str, Any]) -> Pages:
    aws.add(
        is_call("dynamodb", "GetShardIterator"), answer_with(Answer.of_json({"ShardIterator": "i"})), times=1
    )
    aws.add(is_call("sqs", "DeleteMessage"), answer_with(Answer.of_json({})))
    return Pages(aws, "dynamodb", "GetRecords", *pages)


def test_batch_is_read_behind_empty_pages_and_given_to_the_version_in_use(
    aws: FaultProxy, deployed: Target
) -> None:
    relay, task = Relay(aws), a_task()
    created = stream_record(None, task)
    expired = stream_record(task, None, by=TIME_TO_LIVE)
    pages = given_stream(
        aws,
        {"Records": [], "NextShardIterator": "j"},
        {"Records": [as_get_records_gives_it(created)], "NextShardIterator": "k"},
        {"Records": [], "NextShardIterator": "l"},
        {"Records": [as_get_records_gives_it(expired)], "NextShardIterator": "m"},
    )

    assert redrive.redrive(deployed, letter("relay", NOTE))
    assert relay.qualifiers == ["live"]
    assert [query["Limit"] for query in pages.queries] == [2, 2, 1, 1]
    # A redriven expiry is the event that it would have been, under the same id.
    events = [event for record in relay.records[0] for event in events_of(write_of(record))]
    first = [event for record in (created, expired) for event in events_of(write_of(record))]
    assert [event.detail_type for event in events] == ["TaskCreated", "TaskExpired"]
    assert [event.event_id for event in events] == [event.event_id for event in first]
    assert relay.records[0][1]["dynamodb"]["ApproximateCreationDateTime"] == epoch_seconds(NOON)


def test_stream_that_ends_early_gives_the_records_it_has(aws: FaultProxy, deployed: Target) -> None:
    relay = Relay(aws)
    given_stream(aws, {"Records": [as_get_records_gives_it(stream_record(None, a_task()))]})

    assert redrive.redrive(deployed, letter("relay", NOTE))
    assert len(relay.records[0]) == 1


def test_records_that_one_invocation_cannot_take_go_in_several(aws: FaultProxy, deployed: Target) -> None:
    relay, record = Relay(aws), stream_record(None, a_task())
    record["dynamodb"]["NewImage"]["description"] = {"S": "x" * 2_000_000}
    batch = {"DDBStreamBatchInfo": NOTE["DDBStreamBatchInfo"] | {"batchSize": 3}}
    given_stream(aws, {"Records": [record, record, record]})

    assert redrive.redrive(deployed, letter("relay", batch))
    assert [len(records) for records in relay.records] == [2, 1]


def test_refused_letter_blocks_no_other(
    aws: FaultProxy, deployed: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = {"relay": [letter("relay", NOTE)], "updated": [letter("updated", "{}")]}
    monkeypatch.setattr(redrive, "read_all", lambda *_: letters)
    aws.add(is_call("dynamodb", ".*"), answer_with(Answer.refusal("AccessDeniedException")))
    sent = aws.add(is_call("sqs", "SendMessage"), answer_with(Answer.of_json({"MessageId": "1"})))
    aws.add(is_call("sqs", "DeleteMessage"), answer_with(Answer.of_json({})))

    with pytest.raises(Failure, match="some dead letters could not be moved"):
        task_manager("redrive")

    shown = capsys.readouterr().out
    assert "relay  m-1: An error occurred (AccessDeniedException)" in shown
    assert "Moved back: 1. Not moved: 1" in shown
    assert len(sent.seen) == 1


def test_throttled_version_request_is_no_missing_function(aws: FaultProxy, deployed: Target) -> None:
    aws.add(is_call("lambda", "GET .*/aliases/live"), answer_with(THROTTLED["lambda"]), times=1)
    missing = Answer.refusal("ResourceNotFoundException", 404)
    aws.add(is_call("lambda", "GET .*on-updated/aliases/live"), answer_with(missing))
    aws.add(is_call("lambda", "GET .*"), answer_with(Answer.of_json({"FunctionVersion": "7"})))

    assert status.function_versions(deployed) == {"on_updated": "missing", "relay": "7"}
