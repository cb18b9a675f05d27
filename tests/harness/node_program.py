"""Programs in JavaScript that tests run, with the packages that a package-lock.json beside them pins."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base.node import installed_packages, node_commands
from tests.harness.fetching import skipped_without


@dataclass(frozen=True)
class NodeProgram:
    """A program that answers each line of JSON on its standard input with one on its standard output.

    It runs as long as this process, so that what it has loaded serves all of its answers.
    """

    source: Path
    folder: Path
    """Where its packages are installed."""

    def need(self, what: str) -> None:
        """Skip the test where the packages cannot be fetched; fail in CI."""
        with skipped_without(what):
            installed_packages(self.source.parent, self.folder)

    def answer(self, given: Any) -> Any:
        """What the program answers; fails with what it says when it ends instead."""
        process = _RUNNING.get(self)
        if process is None or process.poll() is not None:
            process = _RUNNING[self] = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer.startswith("{"), answer + process.communicate()[0]
        return json.loads(answer)

    def _start(self) -> subprocess.Popen[str]:
        folder = installed_packages(self.source.parent, self.folder)
        # Node looks for packages beside the program.
        program = folder / self.source.name
        # Another worker may be starting it.
        draft = folder / f"{self.source.stem}-{os.getpid()}.mjs"
        draft.write_bytes(self.source.read_bytes())
        draft.replace(program)
        node, _ = node_commands()
        return subprocess.Popen(
            [*node, str(program)],
            stdin=subprocess.PIPE,  # it ends with this, so with our process
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
            text=True,
        )


_RUNNING: dict[NodeProgram, subprocess.Popen[str]] = {}
