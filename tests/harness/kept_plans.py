"""What Terraform planned, kept for later runs until anything that it depends on changes."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.base.files import write_whole
from scripts.base.locks import locked
from scripts.base.paths import WORK_FOLDER

FOLDER = WORK_FOLDER / "plans"


class KeptPlans:
    """Answers by the words that were asked for; each is made once, by the first process that needs it.

    `digest` stands for all that answers depend on besides these words: answers to another one are removed.
    """

    def __init__(self, digest: str, folder: Path = FOLDER) -> None:
        self._folder = folder / digest
        for outdated in set(folder.glob("*")) - {self._folder}:
            shutil.rmtree(outdated, ignore_errors=True)

    def get(self, words: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """What `make` gave for these words, here or earlier, as JSON keeps it. Its exceptions pass."""
        file = self._folder / f"{hashlib.sha256(json.dumps(words).encode()).hexdigest()}.json"
        with locked(file.with_suffix(".lock")):
            if not file.exists():
                write_whole(file, json.dumps(make()))
        return json.loads(file.read_text(encoding="utf-8"))
