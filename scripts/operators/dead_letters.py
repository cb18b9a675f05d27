"""`make dead-letters`: what could not be handled, with its queue, reason, age and body."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from scripts.base.functions import QueueTrigger, function_map
from scripts.deployments.target import Target, chosen_target

# Long enough to read a whole queue without receiving a message twice.
HIDE_SECONDS = 60
# Without a wait SQS asks only some of its servers, and may return nothing although messages are there.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
WAIT_SECONDS = 1
READERS = 10
UNKNOWN = "unknown: no function logged a failure of this message"


@dataclass(frozen=True)
class DeadLetter:
    """A message in a dead-letter queue, hidden from others for a while."""

    queue: str
    queue_url: str
    message_id: str
    receipt: str
    sent: datetime
    body: str
    reason: str | None
    """Why it was parked, if the reason was recorded."""


def read(target: Target, queue: str) -> Iterator[DeadLetter]:
    """All messages of a dead-letter queue, once each. They stay there, and show again in a minute."""
    url = target.outputs["dead_letter_queue_urls"][queue]
    sqs = target.client("sqs")
    while messages := _receive(sqs, url):
        for message in messages:
            reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
            sent = int(message["Attributes"]["SentTimestamp"]) / 1000
            yield DeadLetter(
                queue=queue,
                queue_url=url,
                message_id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                sent=datetime.fromtimestamp(sent, UTC),
                body=message["Body"],
                reason=reason,
            )


def read_all(target: Target, queues: Iterable[str]) -> dict[str, list[DeadLetter]]:
    """The messages of several dead-letter queues, read side by side: each wait is a second."""
    names = list(queues)
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(names, pool.map(lambda queue: list(read(target, queue)), names), strict=True))


def release(target: Target, letters: list[DeadLetter]) -> None:
    """Shows the messages to others again at once."""
    sqs = target.client("sqs")
    for letter in letters:
        sqs.change_message_visibility(
            QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )


def reason_of(target: Target, letter: DeadLetter) -> str:
    """Why the message is here: as parked, or as the function that gave it up logged."""
    if letter.reason is not None:
        return letter.reason
    function = consumers().get(letter.queue)
    if function is None:
        return UNKNOWN
    group = f"/aws/lambda/{target.outputs['function_names'][function]}"
    # An empty page is not always the last one. A dead letter keeps the time at which it was first sent.
    pages = target.client("logs").get_paginator("filter_log_events")
    query = {"logGroupName": group, "filterPattern": f'"{letter.message_id}"'}
    try:
        found = pages.paginate(**query, startTime=int(letter.sent.timestamp() * 1000))
        reasons = [_logged_reason(event["message"]) for page in found for event in page.get("events", [])]
    except ClientError as error:
        return f"unknown: the log of {function} cannot be read ({error})"
    return next((reason for reason in reversed(reasons) if reason), UNKNOWN)


def consumers() -> dict[str, str]:
    """Queue → the function that reads it."""
    triggers = {name: function.trigger for name, function in function_map().items()}
    return {trigger.queue: name for name, trigger in triggers.items() if isinstance(trigger, QueueTrigger)}


def show(environment: str = "") -> None:
    """`make dead-letters`: list the messages of every dead-letter queue with their reasons."""
    console = Console(highlight=False)
    target = chosen_target(environment)
    number = 0
    for letters in read_all(target, sorted(target.outputs["dead_letter_queue_urls"])).values():
        release(target, letters)
        for letter in letters:
            number += 1
            console.print(describe(letter, reason_of(target, letter)), soft_wrap=True)
    if number:
        console.print(f"{number} dead letters. Fix their cause, then retry them: make redrive [QUEUE=name]")
    else:
        console.print("No dead letters.")


def describe(letter: DeadLetter, reason: str) -> Text:
    """A message in three lines."""
    age = datetime.now(UTC) - letter.sent
    text = Text()
    text.append(f"{letter.queue}  ", style="bold red")
    text.append(f"{letter.message_id}  {str(age).split('.', maxsplit=1)[0]} old\n", style="dim")
    text.append(f"  {reason}\n  {letter.body}\n")
    return text


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDE_SECONDS,
        WaitTimeSeconds=WAIT_SECONDS,
        MessageAttributeNames=["All"],
        AttributeNames=["SentTimestamp"],
    )
    return list(answer.get("Messages", []))


def _logged_reason(line: str) -> str | None:
    try:
        return str(json.loads(line[line.index("{") :])["reason"])
    except (ValueError, KeyError, TypeError):
        return None
