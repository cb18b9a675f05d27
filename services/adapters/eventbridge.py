"""The event bus, on EventBridge."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.adapters.aws import transient_failures
from services.core.errors import ServiceUnavailable
from services.core.event import SOURCE, Event
from services.core.ports import Refusal

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
MAX_ENTRIES = 10
# All entries of a request. AWS takes 1 MB since 2026-01-29; local clouds and some regions may not.
MAX_BYTES = 256 * 1024
# An event must fit the reactions' queues (256 KiB) with EventBridge's envelope around it. What is larger is
# refused by the rule's target, and then by the target's dead-letter queue: the event would be lost.
MAX_EVENT_BYTES = MAX_BYTES - 2 * 1024

# Error codes that a retry does not change.
_PERMANENT = frozenset({"InvalidArgument", "MalformedDetail", "ValidationException"})


@dataclass(frozen=True)
class _Entry:
    """An event, serialised once: its detail and its size in bytes.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-size-calculation
    """

    event: Event
    detail: str
    size: int


class EventBridgeBus:
    """An EventBus on EventBridge."""

    def __init__(self, client: Any, bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, events: Iterable[Event]) -> list[Refusal]:
        """See EventBus. After ServiceUnavailable all are to be published again: consumers know their ids."""
        fitting: list[_Entry] = []
        refusals: list[Refusal] = []
        for entry in map(_entry, events):
            if entry.size > MAX_EVENT_BYTES:
                reason = f"{entry.size} bytes; an event has at most {MAX_EVENT_BYTES}"
                refusals.append(Refusal(entry.event, reason))
            else:
                fitting.append(entry)
        for batch in _batches(fitting):
            refusals += self._put(batch)
        return refusals

    def _put(self, batch: Sequence[_Entry]) -> list[Refusal]:
        entries = [
            {
                "EventBusName": self._bus,
                "Source": SOURCE,
                "DetailType": entry.event.detail_type,
                "Detail": entry.detail,
            }
            for entry in batch
        ]
        with transient_failures("EventBridge"):
            answer = self._client.put_events(Entries=entries)
        if not answer.get("FailedEntryCount"):
            return []
        failed = [(e.event, r) for e, r in zip(batch, answer["Entries"], strict=True) if r.get("ErrorCode")]
        if passing := sorted({r["ErrorCode"] for _, r in failed} - _PERMANENT):
            raise ServiceUnavailable(f"EventBridge is unavailable: {', '.join(passing)}")
        return [Refusal(event, f"{r['ErrorCode']}: {r.get('ErrorMessage', '')}") for event, r in failed]


def _entry(event: Event) -> _Entry:
    detail = event.as_json()
    return _Entry(event, detail, len(detail.encode()) + len(event.detail_type) + len(SOURCE))


def _batches(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """As many entries at a time as one request may hold."""
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MAX_ENTRIES or size + entry.size > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch
