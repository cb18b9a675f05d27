"""The ports that events and notifications leave by: bus, parking, notifications."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.core.event import Event
from services.core.events import TaskEvent
from services.core.ports import Refusal
from tests.harness.fakes.faulty import Faulty


class FakeBus(Faulty):
    """A bus that collects. It refuses for good what `refuses` gives a reason for."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[TaskEvent] = []
        self.refuses: Callable[[TaskEvent], str | None] = lambda _: None

    def publish(self, events: Iterable[TaskEvent]) -> list[Refusal]:
        self._fail()
        refusals = []
        for event in events:
            if reason := self.refuses(event):
                refusals.append(Refusal(event, reason))
            else:
                self.events.append(event)
        return refusals


class FakeParking(Faulty):
    """(record, reason) of each record that was parked."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[Mapping[str, Any], str]] = []

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        self._fail()
        self.records.append((record, reason))


class FakeNotifications(Faulty):
    """(subject, event) of each notification; (subject, data, text, attributes) of what else was published."""

    def __init__(self) -> None:
        super().__init__()
        self.notified: list[tuple[str, Event]] = []
        self.published: list[tuple[str, str, str, dict[str, str]]] = []

    def notify(self, subject: str, event: Event) -> None:
        self._fail()
        self.notified.append((subject, event))

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        self._fail()
        self.published.append((subject, data, text, attributes))
