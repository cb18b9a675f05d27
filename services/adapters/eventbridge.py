"""The event bus, on EventBridge."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.adapters.aws import transient_failures
from services.core.errors import ServiceUnavailable
from services.core.events import SOURCE, TaskEvent

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
MAX_ENTRIES = 10
# A request's entries together. AWS takes 1 MB since 2026-01-29; local clouds, and regions that lag, may not.
MAX_BYTES = 256 * 1024
# An event must fit the reactions' queues (256 KiB) with EventBridge's envelope around it. What is larger is
# refused by the rule's target, and then by the target's dead-letter queue: the event would be lost.
MAX_EVENT_BYTES = MAX_BYTES - 2 * 1024

# What makes an entry unfit for good. Anything else may pass.
_PERMANENT = frozenset({"InvalidArgument", "MalformedDetail", "ValidationException"})


@dataclass(frozen=True)
class Refusal:
    """An event that the bus will never take, and why."""

    event: TaskEvent
    reason: str


class EventBus:
    """Puts events on the bus."""

    def __init__(self, client: Any, bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, events: Iterable[TaskEvent]) -> list[Refusal]:
        """Publishes all events; gives those that the bus refused for good.

        Raises ServiceUnavailable if any may yet be taken: then all should be published again, and
        their ids tell consumers which they have seen.
        """
        fitting: list[TaskEvent] = []
        refusals: list[Refusal] = []
        for event in events:
            if (length := _size(event)) > MAX_EVENT_BYTES:
                refusals.append(Refusal(event, f"{length} bytes; an event has at most {MAX_EVENT_BYTES}"))
            else:
                fitting.append(event)
        for batch in _batches(fitting):
            refusals += self._put(batch)
        return refusals

    def _put(self, batch: Sequence[TaskEvent]) -> list[Refusal]:
        entries = [
            {
                "EventBusName": self._bus,
                "Source": SOURCE,
                "DetailType": event.detail_type,
                "Detail": event.as_json(),
            }
            for event in batch
        ]
        with transient_failures("EventBridge"):
            answer = self._client.put_events(Entries=entries)
        if not answer.get("FailedEntryCount"):
            return []
        failed = [(e, r) for e, r in zip(batch, answer["Entries"], strict=True) if r.get("ErrorCode")]
        if passing := sorted({r["ErrorCode"] for _, r in failed} - _PERMANENT):
            raise ServiceUnavailable(f"EventBridge refuses for now: {', '.join(passing)}")
        return [Refusal(e, f"{r['ErrorCode']}: {r.get('ErrorMessage', '')}") for e, r in failed]


def _batches(events: Iterable[TaskEvent]) -> Iterator[list[TaskEvent]]:
    """As many events at a time as one request may hold."""
    batch: list[TaskEvent] = []
    size = 0
    for event in events:
        length = _size(event)
        if batch and (len(batch) == MAX_ENTRIES or size + length > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def _size(event: TaskEvent) -> int:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-size-calculation"""
    return len(event.as_json().encode()) + len(event.detail_type) + len(SOURCE)
