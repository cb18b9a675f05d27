"""Reconciliation of a run: tasks written, events received and tasks counted must agree."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load.ledger import FILE, EventKey

Totals = tuple[int, int]
"""Tasks created and completed."""

SHOWN = 5


@dataclass
class Books:
    """Of the users whose ids begin with the prefix only."""

    prefix: str
    written: dict[EventKey, str] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    received: dict[EventKey, str] = field(default_factory=dict)
    repeats: int = 0
    _ids: dict[str, EventKey] = field(default_factory=dict)

    def expect(self, user: str, events: Iterable[EventKey]) -> None:
        """A write took place, and these events must follow."""
        self.written.update(dict.fromkeys(events, user))

    def read(self, folder: Path) -> None:
        """Take over what Locust's processes wrote down."""
        path = folder / FILE
        for line in path.read_text().splitlines() if path.exists() else []:
            entry = json.loads(line)
            if "doubt" in entry:
                self.doubts.setdefault(entry["user"], []).append(entry["doubt"])
            else:
                detail_type, task_id, version = entry["event"]
                self.expect(entry["user"], [(detail_type, task_id, version)])

    def receive(self, detail_type: str, detail: Mapping[str, Any]) -> bool:
        """An event came by; whether it is of this run, and new. Delivery is at least once."""
        if not detail["userId"].startswith(self.prefix):
            return False
        if detail["eventId"] in self._ids:
            self.repeats += 1
            return False
        key = (detail_type, detail.get("taskId", detail["eventId"]), detail["version"])
        self._ids[detail["eventId"]] = key
        self.received[key] = detail["userId"]
        return True

    @property
    def lost(self) -> list[EventKey]:
        """Events that must have come and did not."""
        return sorted(self.written.keys() - self.received.keys())

    @property
    def unexplained(self) -> list[EventKey]:
        """Events without a known write; those of users with a write in doubt are left out."""
        surplus = self.received.keys() - self.written.keys()
        return sorted(key for key in surplus if self.received[key] not in self.doubts)

    def totals(self) -> dict[str, Totals]:
        """What the statistics must say of each user: what was written, or came of a write in doubt."""
        events = self.written | self.received
        created = Counter(user for key, user in events.items() if key[0] == "TaskCreated")
        completed = Counter(user for key, user in events.items() if key[0] == "TaskCompleted")
        users = {*events.values(), *self.doubts}
        return {user: (created[user], completed[user]) for user in sorted(users)}


def imbalances(books: Books, counted: Mapping[str, Totals], dead_letters: Mapping[str, int]) -> list[str]:
    """A sentence for each disagreement; none, if all agree.

    `counted` is what the statistics say of each user, `dead_letters` what came into each queue of those.
    """
    found = []
    if lost := books.lost:
        found.append(f"{len(lost)} events of {len(books.written)} were lost: {_some(lost)}")
    if unexplained := books.unexplained:
        found.append(f"{len(unexplained)} events have no known write: {_some(unexplained)}")
    wrong = [
        f"{user}: {counted.get(user)} counted, {totals} written"
        for user, totals in books.totals().items()
        if counted.get(user) != totals
    ]
    if wrong:
        found.append(f"the statistics of {len(wrong)} users are wrong (created, completed): {_some(wrong)}")
    found += [f"{number} dead letters of {queue}" for queue, number in dead_letters.items() if number]
    return found


def _some(things: list[Any]) -> str:
    shown = ", ".join(str(thing) for thing in things[:SHOWN])
    return shown if len(things) <= SHOWN else f"{shown} …"
