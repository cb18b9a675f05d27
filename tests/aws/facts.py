"""The dated table of facts about AWS that the code or the Terraform relies on and no emulator checks."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scripts.base.paths import ROOT

FACTS = Path(__file__).parent / "facts"
FIELDS = {"fact", "source", "date", "test"}

# A page, or the name of an AWS document or of a published source: at least two words.
ADDRESS = re.compile(r"https://[^\s/]+\.[^\s/]+(/\S*)?$")
NAMED = re.compile(r"\S+ \S.*$")


@dataclass(frozen=True)
class Entry:
    """One fact of a file, as it stands there."""

    file: str
    number: int
    content: Any

    def __str__(self) -> str:
        return f"{self.file}, entry {self.number}"


def entries(folder: Path = FACTS) -> Iterator[Entry]:
    """Every fact of every service."""
    for file in sorted(folder.glob("*.json")):
        for number, content in enumerate(json.loads(file.read_text(encoding="utf-8")), 1):
            yield Entry(file.name, number, content)


def faults(entry: Entry, today: date, root: Path = ROOT) -> Iterator[str]:
    """What is wrong with an entry; nothing, if it is complete and its test exists."""
    content = entry.content
    if not isinstance(content, dict) or set(content) != FIELDS:
        yield f"{entry}: the fields must be {', '.join(sorted(FIELDS))}"
        return
    if not all(isinstance(value, str) and value.strip() for value in content.values()):
        yield f"{entry}: every field must be a text that is not empty"
        return
    if not _is_past(content["date"], today):
        yield f"{entry}: {content['date']!r} is no date (YYYY-MM-DD) up to today"
    if not (ADDRESS if "://" in content["source"] else NAMED).match(content["source"]):
        yield f"{entry}: {content['source']!r} is neither an https address nor a document's name"
    if not exists(content["test"], root):
        yield f"{entry}: there is no test {content['test']}"


def _is_past(text: str, today: date) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) <= today
    except ValueError:
        return False


def exists(test: str, root: Path = ROOT) -> bool:
    """Whether `path::[Class::]test_name[id]` names a test function, parametrised or not."""
    path, *names = test.partition("[")[0].split("::")
    file = root / path
    if not names or not names[-1].startswith("test_") or not file.name.startswith("test_"):
        return False
    if not file.is_file() or not file.resolve().is_relative_to((root / "tests").resolve()):
        return False
    body: list[ast.stmt] = ast.parse(file.read_text(encoding="utf-8")).body
    for name in names[:-1]:
        body = [line for found in body if _is(found, name, ast.ClassDef) for line in found.body]  # type: ignore[attr-defined]
    return any(_is(found, names[-1], ast.FunctionDef, ast.AsyncFunctionDef) for found in body)


def _is(statement: ast.stmt, name: str, *kinds: type[ast.stmt]) -> bool:
    return isinstance(statement, kinds) and getattr(statement, "name", None) == name
