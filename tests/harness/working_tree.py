"""A copy of the working tree that tests edit, as a person would."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.base.paths import ROOT


@dataclass(frozen=True)
class WorkingTree:
    """Files that a developer edits."""

    root: Path

    @classmethod
    def copied(cls, root: Path) -> "WorkingTree":
        """A copy of services/ in this folder."""
        shutil.copytree(ROOT / "services", root / "services", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(root)

    def edit(self, file: str, old: str, new: str) -> None:
        """Save the file with the one place that holds `old` changed."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        self.save(file, text.replace(old, new))

    def save(self, file: str, text: str) -> None:
        """Save a file whole."""
        (self.root / file).write_text(text, encoding="utf-8")

    def restore(self, file: str) -> None:
        """Undo the edits of a file."""
        self.save(file, (ROOT / file).read_text(encoding="utf-8"))

    def line_of(self, file: str, text: str) -> int:
        """The number of the line that holds the text."""
        lines = (self.root / file).read_text(encoding="utf-8").splitlines()
        (found,) = [number for number, line in enumerate(lines, 1) if text in line]
        return found
