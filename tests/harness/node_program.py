"""Programs in JavaScript that tests run, with the packages that a package-lock.json beside them pins."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base.node import installed_packages, node_commands
from tests.harness.fetching import skipped_without

SECONDS = 300.0


@dataclass(frozen=True)
class NodeProgram:
    """A program that reads from standard input and writes JSON to standard output."""

    source: Path
    folder: Path
    """Where its packages are installed."""

    def need(self, what: str) -> None:
        """Skip the test where the packages cannot be fetched; fail in CI."""
        with skipped_without(what):
            installed_packages(self.source.parent, self.folder)

    def answer(self, given: str) -> Any:
        """What the program answers."""
        folder = installed_packages(self.source.parent, self.folder)
        # Node looks for packages beside the program.
        program = folder / self.source.name
        # Another worker may be starting it.
        draft = folder / f"{self.source.stem}-{os.getpid()}.mjs"
        draft.write_bytes(self.source.read_bytes())
        draft.replace(program)
        node, _ = node_commands()
        done = subprocess.run(
            [*node, str(program)], input=given, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
