"""`make redrive [QUEUE=name] [ENV=]`: give dead letters another chance, when their cause is mended."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import track

from scripts.arguments import options
from scripts.dead_letters import DeadLetter, read
from scripts.failure import Failure, run_command
from scripts.target import Target, chosen_target
from services.adapters.sqs import PREFIX


def redrive(target: Target, letter: DeadLetter) -> bool:
    """Moves a dead letter back to where it failed; whether that took it.

    Sent first and deleted then: a crash between the two delivers it twice, which every consumer bears.
    """
    sources: dict[str, str] = target.outputs["queue_urls"]
    if letter.queue in sources:
        target.client("sqs").send_message(QueueUrl=sources[letter.queue], MessageBody=letter.body)
    elif not _hand_over(target, letter):
        return False
    target.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    return True


def _hand_over(target: Target, letter: DeadLetter) -> bool:
    """Stream records go to the stream's reader again; one it still cannot read is parked anew."""
    records = stream_records(target, json.loads(letter.body))
    if not records:
        return False
    answer: dict[str, Any] = target.client("lambda").invoke(
        FunctionName=target.outputs["function_names"][letter.queue],
        Payload=json.dumps({"Records": records}).encode(),
    )
    return "FunctionError" not in answer


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
        found = streams.get_records(ShardIterator=iterator, Limit=batch["batchSize"])["Records"]
    except (streams.exceptions.TrimmedDataAccessException, streams.exceptions.ResourceNotFoundException):
        return []
    return [_as_lambda_gives_it(record) for record in found]


def _record_in_bucket(target: Target, key: str | None) -> list[dict[str, Any]]:
    """A record that was too large for the queue (services/adapters/sqs.py).

    None, if it was not kept, or has expired.
    """
    if key is None or not key.startswith(PREFIX):
        return []
    s3 = target.client("s3")
    try:
        found = s3.get_object(Bucket=target.outputs["archive_bucket"], Key=key)
    except s3.exceptions.NoSuchKey:
        return []
    return [json.loads(found["Body"].read())]


def _as_lambda_gives_it(record: dict[str, Any]) -> dict[str, Any]:
    moment = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    return record | {"dynamodb": record["dynamodb"] | {"ApproximateCreationDateTime": moment}}


def main(arguments: Sequence[str] | None = None) -> None:
    """Redrives one queue or all; exit 1 if anything stays behind."""
    console = Console(highlight=False)
    asked = options(__doc__, "env", "queue", arguments=arguments)
    target = chosen_target(asked["env"], change="Moves dead letters back")
    queues = sorted(target.outputs["dead_letter_queue_urls"])
    if (only := asked["queue"]) and only not in queues:
        raise Failure(f"there is no queue {only}: QUEUE is one of {', '.join(queues)}")
    moved = stuck = 0
    for queue in [only] if only else queues:
        # Read to the end first: what fails again at once comes back to this queue.
        letters = list(read(target, queue))
        for letter in track(letters, description=queue, console=console, transient=True):
            if redrive(target, letter):
                moved += 1
            else:
                stuck += 1
    console.print(
        f"Moved back: {moved}." + (f" Still stuck: {stuck}; see make dead-letters." if stuck else "")
    )
    if stuck:
        raise Failure("not everything could be moved")


if __name__ == "__main__":
    run_command(main)
