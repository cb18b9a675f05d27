"""A program that outlives the command that started it, and everything it starts itself.

The program writes its own record (pid and instance) as its first act: whoever started it may be gone by
then, and a later command must still find it. A pid alone proves nothing, since the kernel hands it out
again; the record's path on the command line does.
"""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.base.processes import alive_in_group, command_line, is_zombie
from scripts.base.waiting import until

KILL_SECONDS = 5.0


@dataclass(frozen=True)
class Record:
    """What a detached program says of itself."""

    pid: int
    instance: str
    port: int


class Detached:
    """One detached program, known by the file that holds its record.

    `marker` is part of the command line of the program and of all that it starts.
    """

    def __init__(self, record: Path, log: Path, marker: str) -> None:
        self.record_path = record
        self.log_path = log
        self._marker = marker
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str], *, tied: bool) -> None:
        """Start the program in a session of its own, so that Ctrl-C does not reach it.

        When tied, its standard input is a pipe from this process: it sees the end of it when this
        process ends, however it ends.
        """
        self.record_path.unlink(missing_ok=True)
        with self.log_path.open("wb") as log:
            self._child = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=self.record_path.parent,
                stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def record(self) -> Record | None:
        """The last record written, whether or not that program still runs."""
        try:
            return Record(**json.loads(self.record_path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def running(self) -> Record | None:
        """The record of the program if it runs."""
        record = self.record()
        if record is None or str(self.record_path) not in command_line(record.pid):
            return None
        return None if is_zombie(record.pid) else record

    def died(self) -> bool:
        """Whether the program that this object started has ended."""
        return self._child is not None and self._child.poll() is not None

    def stop(self, deadline: float) -> None:
        """End the program and its children: ask, and after `deadline` seconds insist."""
        leader = self._leader()
        if leader is not None:
            for sent, patience in ((signal.SIGTERM, deadline), (signal.SIGKILL, KILL_SECONDS)):
                for pid in self._members(leader):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, sent)
                if self._wait_until_gone(leader, patience):
                    break
        self.record_path.unlink(missing_ok=True)

    def log_tail(self, lines: int = 8) -> str:
        """The end of what the program printed."""
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _leader(self) -> int | None:
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        # Another command may have restarted it since; without a record it ended before it wrote one.
        record = self.record()
        found = record or self._child
        return found.pid if found else None

    def _members(self, leader: int) -> list[int]:
        """The live processes of the leader's group that are the program or its children."""
        return alive_in_group(leader, self._marker)

    def _wait_until_gone(self, leader: int, seconds: float) -> bool:
        def gone() -> bool:
            if self._child is not None:
                self._child.poll()  # reaps it
            return not self._members(leader)

        return until(gone, seconds=seconds)
