"""A copy of the working tree that tests edit, as a person would."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.documents.clients import python, typescript

NOT_COPIED = {
    ".git", ".terraform", "node_modules", "__pycache__",
    ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache",
}  # fmt: skip


@dataclass(frozen=True)
class WorkingTree:
    """Files that a developer edits."""

    root: Path

    @classmethod
    def copied(cls, root: Path) -> "WorkingTree":
        """A copy of services/ in this folder."""
        shutil.copytree(ROOT / "services", root / "services", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(root)

    @classmethod
    def whole(cls, root: Path) -> "WorkingTree":
        """A copy of everything that is written by people, with this tree's environment."""
        top_only = {str(ROOT): {"build", ".venv", ".local"}}
        shutil.copytree(ROOT, root, ignore=lambda folder, _: NOT_COPIED | top_only.get(folder, set()))
        (root / ".venv").symlink_to(ROOT / ".venv")
        # The generators of the clients are fetched once, by this tree: their commands know their place.
        python.generator()
        typescript.tools()
        fetched = WORK_FOLDER / "clients"
        (root / WORK_FOLDER.name).mkdir()
        (root / WORK_FOLDER.name / fetched.name).symlink_to(fetched)
        return cls(root)

    def changed(self) -> dict[str, str]:
        """The files that differ from those of this tree, or are new: their texts, by path."""
        files = {path.relative_to(self.root).as_posix(): path for path in self._files()}
        texts = {name: path.read_bytes() for name, path in files.items()}
        return {
            name: content.decode()
            for name, content in texts.items()
            if not (ROOT / name).exists() or (ROOT / name).read_bytes() != content
        }

    def _files(self) -> Iterator[Path]:
        for folder in ("services", "scripts", "tests", "infra", "docs", "clients"):
            yield from (
                path
                for path in (self.root / folder).rglob("*")
                if path.is_file() and not NOT_COPIED & set(path.parts)
            )
        yield self.root / "README.md"

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
