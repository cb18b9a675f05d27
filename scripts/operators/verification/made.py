"""What the checks have made on a deployment, kept in a file until it is removed."""

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scripts.base.locks import alone


class Made:
    """A journal: noted before or as things are made, so the next run removes what a killed one left."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.users: set[str] = set()
        self.tasks: dict[str, str] = {}
        """Task → its owner."""
        self.archived: set[str] = set()
        """Keys of objects in the archive."""
        self.messages: dict[str, set[str]] = defaultdict(set)
        """Queue → texts that only the checks' own messages hold."""
        self.taps: set[str] = set()
        """Names of taps on the event bus."""
        self._read()

    def __bool__(self) -> bool:
        return bool(self.users or self.tasks or self.archived or self.taps or any(self.messages.values()))

    def user(self, user_id: str) -> None:
        """Record a random owner of tasks: all data of this user will be removed."""
        if user_id not in self.users:
            self._write("user", user_id)

    def task(self, task_id: str, user_id: str) -> None:
        """Note a task."""
        if task_id not in self.tasks:
            self._write("task", task_id, user_id)

    def archive(self, key: str) -> None:
        """Note an object that the archive will hold."""
        if key not in self.archived:
            self._write("archived", key)

    def message(self, queue: str, text: str) -> None:
        """Note a message, before it is sent, by a text that it alone holds."""
        self._write("message", queue, text)

    def message_gone(self, queue: str, text: str) -> None:
        """Note that a message has been handled or deleted."""
        self._write("gone", queue, text)

    def tap(self, name: str) -> None:
        """Note a tap on the event bus, before it is opened."""
        self._write("tap", name)

    def forget(self) -> None:
        """Empty the journal: everything has been removed."""
        self._file.unlink(missing_ok=True)
        self.users, self.tasks, self.archived = set(), {}, set()
        self.messages.clear()
        self.taps.clear()

    def _read(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for line in self._file.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # an empty line, or one cut off when a run was killed
                    self._take(*json.loads(line))

    def _write(self, *entry: str) -> None:
        self._take(*entry)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            # Begins with a new line, in case a killed run left half of one.
            file.write("\n" + json.dumps(entry))

    def _take(self, kind: str, name: str, more: str = "") -> None:
        match kind:
            case "user":
                self.users.add(name)
            case "task":
                self.tasks[name] = more
            case "archived":
                self.archived.add(name)
            case "tap":
                self.taps.add(name)
            case "message":
                self.messages[name].add(more)
            case "gone":
                self.messages[name].discard(more)


@contextlib.contextmanager
def journal(folder: Path, deployment: str) -> Iterator[Made]:
    """The journal of a deployment; a Failure while another run has it."""
    with alone(folder / f"{deployment}.lock", f"another `make verify` of {deployment}"):
        yield Made(folder / f"{deployment}.jsonl")
