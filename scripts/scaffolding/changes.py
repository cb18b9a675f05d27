"""The files that a command creates and edits: all of them in the end, or none."""

from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import ROOT

TEMPLATES = Path(__file__).with_name("templates")


class Changes:
    """New texts of files by their paths within the tree; nothing is written before `write`."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._texts: dict[str, str] = {}
        self.created: list[str] = []
        self.edited: list[str] = []

    def read(self, file: str) -> str:
        """The text of a file, with the edits so far."""
        if file not in self._texts:
            return (self._root / file).read_text(encoding="utf-8")
        return self._texts[file]

    def create(self, file: str, template: str, **words: str) -> None:
        """Make a file of a template. Raises Failure if the file is there."""
        if file in self._texts or (self._root / file).exists():
            raise Failure(f"{file} is there already: choose another name, or remove the file")
        self._texts[file] = filled(template, **words)
        self.created.append(file)

    def edit(self, file: str, change: Callable[..., str], *given: Any) -> None:
        """Change the text of a file, by a function of the text and what else it is given.

        Raises Failure, with the file's name, where the text has no place for the change.
        """
        try:
            self._texts[file] = change(self.read(file), *given)
        except Failure as failure:
            raise Failure(f"{file}: {failure}. Nothing was written") from failure
        if file not in self.created and file not in self.edited:
            self.edited.append(file)

    def write(self) -> list[str]:
        """Write all files; their paths."""
        for file, text in self._texts.items():
            path = self._root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(self._texts)


def with_text_before(text: str, anchor: str, more: str) -> str:
    """The text with something more in front of the anchor. Raises Failure where that is not in it."""
    before, found, after = text.partition(anchor)
    if not found:
        raise Failure(f"there is no {anchor.strip()!r} any more, before which something would be written")
    return f"{before}{more}{found}{after}"


def filled(template: str, **words: str) -> str:
    """The text of a template with these words in their places."""
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
