"""The process that imports the working tree after each change: see scripts/clouds/dev/check.py."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.clouds.dev import check

PROGRAM = Path(check.__file__)


class Checker:
    """Imports a tree when asked; a tree that could be imported is copied to `spare`."""

    def __init__(self, tree: Path, spare: Path) -> None:
        command = [sys.executable, "-I", str(PROGRAM), str(ROOT), str(tree), str(spare)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def __enter__(self) -> "Checker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def check(self) -> str | None:
        """What is wrong with the tree, with file and line; None if nothing is."""
        asks, answers = self._process.stdin, self._process.stdout
        if asks is None or answers is None:
            raise TypeError("started without pipes")
        asks.write("\n")
        asks.flush()
        answer = answers.readline()
        if not answer:
            raise Failure("the process that checks the tree has ended")
        found: str | None = json.loads(answer)
        return found
