"""`make redrive [QUEUE=name] [ENV=]`: move dead letters back to their queues."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.progress import track

from scripts.base.failure import Failure
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.target import Target, chosen_target
from scripts.operators.dead_letters import DeadLetter, read_all
from services.adapters.sqs import PREFIX

# Lambda accepts 6 MB per invocation; the rest is for the envelope.
PAYLOAD_BYTES = 5_500_000
# After this many in a row, the shard is taken to be at its end.
EMPTY_PAGES = 100


def redrive(target: Target, letter: DeadLetter) -> bool:
    """Move a dead letter back to where it failed; False if it failed there again.

    Sends before it deletes: a crash in between delivers the letter twice, which idempotent consumers allow.
    """
    sources: dict[str, str] = target.outputs["queue_urls"]
    if letter.queue in sources:
        target.client("sqs").send_message(QueueUrl=sources[letter.queue], MessageBody=letter.body)
    elif not _hand_over(target, letter):
        return False
    target.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    return True


def _hand_over(target: Target, letter: DeadLetter) -> bool:
    """Stream records go to the stream's reader again; one it still cannot read is parked again.

    To the version that calls go to: the newest one may have been rolled back.
    """
    records = stream_records(target, json.loads(letter.body))
    for batch in _invocations(records):
        answer: dict[str, Any] = target.client("lambda").invoke(
            FunctionName=target.outputs["function_names"][letter.queue],
            Qualifier=ALIAS,
            Payload=json.dumps({"Records": batch}).encode(),
        )
        if "FunctionError" in answer:
            return False
    return bool(records)


def _invocations(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The records in their order, in parts that one invocation takes."""
    part, size = list[dict[str, Any]](), 0
    for record in records:
        length = len(json.dumps(record))
        if part and size + length > PAYLOAD_BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part


def stream_records(target: Target, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The records behind a dead letter: the parked one, or those of a batch that Lambda gave up.

    Lambda's note names the batch's place in the stream, which keeps it for 24 hours; after that, none.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    if "dynamodb" in content:
        return [content]
    if "wholeRecord" in content:
        return _record_in_bucket(target, content["wholeRecord"])
    batch = content["DDBStreamBatchInfo"]
    streams = target.client("dynamodbstreams")
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        found = _read(streams, iterator, batch["batchSize"])
    except (streams.exceptions.TrimmedDataAccessException, streams.exceptions.ResourceNotFoundException):
        return []
    return [_as_lambda_gives_it(record, batch["streamArn"]) for record in found]


def _read(streams: Any, iterator: str | None, count: int) -> list[dict[str, Any]]:
    """So many records of a shard, of pages that may be empty while more follow; fewer at its end."""
    found: list[dict[str, Any]] = []
    empty = 0
    while iterator and len(found) < count and empty < EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator, Limit=count - len(found))
        found += page["Records"]
        empty = 0 if page["Records"] else empty + 1
        iterator = page.get("NextShardIterator")
    return found


def _record_in_bucket(target: Target, key: str | None) -> list[dict[str, Any]]:
    """A record too large for the queue (services/adapters/sqs.py); none if it was not kept or has expired."""
    if key is None or not key.startswith(PREFIX):
        return []
    s3 = target.client("s3")
    try:
        found = s3.get_object(Bucket=target.outputs["archive_bucket"], Key=key)
    except s3.exceptions.NoSuchKey:
        return []
    return [json.loads(found["Body"].read())]


def _as_lambda_gives_it(record: dict[str, Any], stream_arn: str) -> dict[str, Any]:
    """Times are numbers there, names of the writer begin small (`principalId` for `PrincipalId`), and the
    stream is named.
    """
    moment = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    given = record | {
        "dynamodb": record["dynamodb"] | {"ApproximateCreationDateTime": moment},
        "eventSourceARN": stream_arn,
    }
    if identity := record.get("userIdentity"):
        given["userIdentity"] = {name[0].lower() + name[1:]: value for name, value in identity.items()}
    return given


def redrive_all(only: str = "", environment: str = "") -> None:
    """`make redrive`: move the dead letters of one queue, or of all, back. A Failure if any stays behind."""
    console = Console(highlight=False)
    target = chosen_target(environment, change="Moves dead letters back")
    queues = sorted(target.outputs["dead_letter_queue_urls"])
    if only and only not in queues:
        raise Failure(f"there is no queue {only}: QUEUE is one of {', '.join(queues)}")
    moved = stuck = 0
    # Read every queue to its end first: a message that fails again at once returns to its queue.
    for queue, letters in read_all(target, [only] if only else queues).items():
        for letter in track(letters, description=queue, console=console, transient=True):
            try:
                took = redrive(target, letter)
            except ClientError as error:
                console.print(f"{queue}  {letter.message_id}: {error}", markup=False, soft_wrap=True)
                took = False
            moved, stuck = moved + took, stuck + (not took)
    console.print(
        f"Moved back: {moved}." + (f" Not moved: {stuck}; see `make dead-letters`." if stuck else "")
    )
    if stuck:
        raise Failure("some dead letters could not be moved")
