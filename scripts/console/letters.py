"""Dead letters on the page: which, why, whether an edited one can be read, and moving them back."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.base.functions import QueueTrigger, function_map
from scripts.console.index import Index
from scripts.console.traces import last_reason
from scripts.deployments.target import Target
from scripts.operators.dead_letters import UNKNOWN, DeadLetter, consumers, read_all, reason_of, release
from scripts.operators.redrive import redrive
from scripts.operators.status import queue_depths

Json = dict[str, Any]
READERS = 5
# Reasons are looked up in the logs for so many; the page shows the rest without.
MOST_REASONS = 100
# What the relay's dead letters hold one of: a record, a record's place in the archive, a place in the stream.
STREAM_RECORDS = {"dynamodb", "wholeRecord", "DDBStreamBatchInfo"}
# Who reads a queue hides its messages: two at a time would each miss some.
_reading = Lock()


@dataclass(frozen=True)
class Chosen:
    """A dead letter to move back; `body` is None where it stays as it is."""

    queue: str
    message_id: str
    body: str | None = None


def listed(target: Target, index: Index) -> list[Json]:
    """All dead letters, oldest first. They stay where they are."""
    queues = sorted(target.outputs["dead_letter_queue_urls"])
    with _reading:
        letters = [letter for found in read_all(target, queues).values() for letter in found]
        release(target, letters)
    letters.sort(key=lambda letter: letter.sent)
    with ThreadPoolExecutor(READERS) as pool:
        reasons = list(pool.map(lambda letter: _reason(target, index, letter), letters[:MOST_REASONS]))
    reasons += [UNKNOWN] * (len(letters) - len(reasons))
    return [_shown(letter, reason) for letter, reason in zip(letters, reasons, strict=True)]


def counted(target: Target) -> int:
    """About how many dead letters there are, without reading any."""
    return sum(queue_depths(target, target.outputs["dead_letter_queue_urls"]).values())


def moved_back(target: Target, chosen: Sequence[Chosen]) -> list[Json]:
    """Move letters back to where they failed, some with another body; what became of each.

    They are read again for that: what was shown may have been moved by somebody else, which is said of it.
    """
    for one in chosen:
        if one.body is not None and (problem := problem_of(one.queue, one.body)):
            raise Failure(f"the edited body {problem}")
    wanted = {(one.queue, one.message_id): one for one in chosen}
    queues = _known(target, sorted({one.queue for one in chosen}))
    with _reading:
        found = [letter for some in read_all(target, queues).values() for letter in some]
        letters = {(letter.queue, letter.message_id): letter for letter in found}
        release(target, [letter for key, letter in letters.items() if key not in wanted])
    return [_moved(target, one, letters.get(key)) for key, one in wanted.items()]


def problem_of(queue: str, body: str) -> str:
    """Why the consumer of the queue could not read this body; empty if it can."""
    try:
        content = json.loads(body)
    except ValueError as error:
        return f"is not JSON: {error}"
    if not isinstance(content, dict):
        return "is not a JSON object"
    if queue not in consumers():
        return "" if STREAM_RECORDS & set(content) else "is no stream record"
    try:
        _reader(queue)(body)
    except ValueError as error:
        return str(error)
    return ""


def _reader(queue: str) -> Callable[[str], Any]:
    """The reader that the queue's own function uses."""
    from services.core.aggregates import EVENTS
    from services.reactions.consumer import reader

    trigger = function_map()[consumers()[queue]].trigger
    types = trigger.detail_types if isinstance(trigger, QueueTrigger) else ()
    read: Callable[[str], Any] = reader(*(EVENTS[name] for name in types))
    return read


def _moved(target: Target, one: Chosen, letter: DeadLetter | None) -> Json:
    shown = {
        "queue": one.queue,
        "messageId": one.message_id,
        "moved": False,
        "trouble": "",
        "correlationId": None,
    }
    if letter is None:
        return {**shown, "trouble": "it is no longer in its queue"}
    sent = letter if one.body is None else replace(letter, body=one.body)
    shown["correlationId"] = _ids(sent.body)["correlationId"]
    try:
        took = redrive(target, sent)
    except (ClientError, ValueError, KeyError) as error:
        release(target, [letter])
        return {**shown, "trouble": f"it could not be moved: {error}"}
    return {**shown, "moved": took, "trouble": "" if took else "it failed again at once"}


def _known(target: Target, queues: list[str]) -> list[str]:
    for queue in queues:
        if queue not in target.outputs["dead_letter_queue_urls"]:
            raise Failure(f"there is no queue {queue}")
    return queues


def _reason(target: Target, index: Index, letter: DeadLetter) -> str:
    return letter.reason or last_reason(index.of(letter.message_id)) or reason_of(target, letter)


def _shown(letter: DeadLetter, reason: str) -> Json:
    return {
        "queue": letter.queue,
        "messageId": letter.message_id,
        "sent": letter.sent.isoformat(),
        "ageSeconds": round((datetime.now(UTC) - letter.sent).total_seconds()),
        "reason": reason,
        "body": letter.body,
        **_ids(letter.body),
    }


def _ids(body: str) -> Json:
    """The ids of the request and the task that a body is about, as far as it can be read."""
    try:
        detail = json.loads(body)
    except ValueError:
        detail = None
    if isinstance(detail, dict) and isinstance(detail.get("detail"), dict):
        detail = detail["detail"]
    elif isinstance(detail, dict):
        change = detail.get("dynamodb")
        image = change.get("NewImage") or change.get("OldImage") if isinstance(change, dict) else None
        detail = _plain(image) if isinstance(image, Mapping) else {}
    known = detail if isinstance(detail, Mapping) else {}
    texts = {name: known.get(name) for name in ("correlationId", "taskId")}
    return {name: value if isinstance(value, str) else None for name, value in texts.items()}


def _plain(image: Mapping[str, Any]) -> Json:
    """The texts among the attributes of an item."""
    return {name: value.get("S") for name, value in image.items() if isinstance(value, Mapping)}
