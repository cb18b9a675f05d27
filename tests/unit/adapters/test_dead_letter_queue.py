"""Parking: a record of any size is kept with its reason; the message always fits its queue."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.s3 import JsonBucket
from services.adapters.sqs import MAX_BYTES, MAX_REASON, PREFIX, DeadLetterQueue
from services.core.errors import ServiceUnavailable
from tests.unit.adapters.conftest import Stubbed

QUEUE = "https://sqs.eu-central-1.amazonaws.com/000000000000/dead-letters"


class Sqs:
    """A queue with SQS's limits: of a message's size, and of its characters."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, str]] = []

    def send_message(self, **request: Any) -> None:
        (name, attribute), *others = request["MessageAttributes"].items()
        reason = attribute["StringValue"]
        assert not others
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
        texts = (request["MessageBody"], name, attribute["DataType"], reason)
        assert sum(len(text.encode()) for text in texts) <= MAX_BYTES
        assert reason
        assert all(character in "\t\n\r" or character >= " " for text in texts for character in text)
        self.messages.append((json.loads(request["MessageBody"]), reason))


class S3:
    """A bucket, or one that refuses with an error code."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.objects: dict[str, Any] = {}

    def put_object(self, **request: Any) -> None:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": "no"}}, "PutObject")
        self.objects[request["Key"]] = json.loads(request["Body"])


def queue(sqs: Sqs, s3: S3) -> DeadLetterQueue:
    return DeadLetterQueue(sqs, QUEUE, lambda: JsonBucket(s3, "archive"))


def record_of(size: int, character: str = "x") -> dict[str, Any]:
    """A stream record with a text of so many characters."""
    image = {"taskId": {"S": "1"}, "blob": {"S": character * size}}
    return {"eventID": "7", "dynamodb": {"Keys": {"taskId": {"S": "1"}}, "NewImage": image}}


@pytest.mark.parametrize(
    ("reason", "kept"), [("not a task", "not a task"), ("x" * 5000, "x" * MAX_REASON), ("", "unknown")]
)
def test_a_record_is_kept_whole_with_the_reason(stubbed: Stubbed, reason: str, kept: str) -> None:
    client, script = stubbed("sqs")
    record = {"eventID": "1", "dynamodb": {"NewImage": {"title": {"S": "Grüße \x00"}}}}
    request = {
        "QueueUrl": QUEUE,
        "MessageBody": json.dumps(record),
        "MessageAttributes": {"reason": {"DataType": "String", "StringValue": kept}},
    }
    script.add_response("send_message", {"MessageId": "1"}, request)

    DeadLetterQueue(client, QUEUE, lambda: pytest.fail("no bucket is needed")).park(record, reason)


# A stream record has at most two items of 400 KB, each byte of which may take six in JSON.
@pytest.mark.parametrize(
    ("size", "character"), [(300_000, "x"), (262_144, "x"), (50_000, "ü"), (800_000, "\x00")]
)
def test_a_record_that_exceeds_a_message_is_kept_whole_in_the_bucket(size: int, character: str) -> None:
    sqs, s3, record = Sqs(), S3(), record_of(size, character)

    # twice, as after a retry of the batch
    for _ in range(2):
        queue(sqs, s3).park(record, "not a task")

    (key,) = s3.objects
    assert key.startswith(PREFIX)
    assert s3.objects[key] == record
    for body, reason in sqs.messages:
        assert body == {
            "wholeRecord": key,
            "bytes": len(json.dumps(record)),
            "beginning": json.dumps(record)[:4000],
        }
        assert '"Keys": {"taskId": {"S": "1"}}' in body["beginning"]
        assert reason.endswith("not a task")
        assert f"{len(json.dumps(record))} bytes" in reason


@pytest.mark.parametrize("size", range(MAX_BYTES - 1300, MAX_BYTES + 200, 100))
@pytest.mark.parametrize("reason", ["short", "ß" * 5000])
def test_every_size_around_the_limit_is_parked_once(size: int, reason: str) -> None:
    sqs, s3 = Sqs(), S3()

    queue(sqs, s3).park(record_of(size), reason)

    ((body, _),) = sqs.messages
    assert (body == record_of(size)) != bool(s3.objects)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "KMS.DisabledException", "InvalidRequest"])
def test_a_permanent_refusal_by_the_bucket_does_not_stop_parking(code: str) -> None:
    sqs = Sqs()

    queue(sqs, S3(code)).park(record_of(300_000), "not a task")

    ((body, reason),) = sqs.messages
    assert body["wholeRecord"] is None
    assert body["beginning"].startswith('{"eventID": "7"')
    assert f"not kept whole: S3 refused it ({code})" in reason


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "ServiceUnavailable"])
def test_a_transient_refusal_by_the_bucket_parks_nothing(code: str) -> None:
    sqs = Sqs()
    with pytest.raises(ServiceUnavailable):
        queue(sqs, S3(code)).park(record_of(300_000), "not a task")
    assert sqs.messages == []


@given(st.text(st.characters()))
def test_a_reason_of_any_characters_is_accepted(reason: str) -> None:
    """SQS refuses control characters in attributes, and half a surrogate pair cannot be encoded."""
    sqs = Sqs()
    queue(sqs, S3()).park({}, reason)
    assert len(sqs.messages) == 1


def test_a_queue_that_refuses_the_message_raises(stubbed: Stubbed) -> None:
    client, script = stubbed("sqs")
    script.add_client_error("send_message", "ServiceUnavailable")
    with pytest.raises(ServiceUnavailable):
        DeadLetterQueue(client, QUEUE, lambda: pytest.fail("no bucket is needed")).park({}, "reason")
