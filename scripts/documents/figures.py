"""`make docs`: computed figures and maps in a document, each between two comments."""

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import shown

BEGIN, END = "<!-- computed: {} -->", "<!-- end -->"

Tables = Mapping[str, Callable[[], str]]
"""The name in the comment → what computes the text below it."""


def written(document: str, tables: Tables, file: str = "the document") -> str:
    """The document with the figures of now in it. Raises Failure if it has no place for one of them."""
    for name, table in tables.items():
        before, after = _around(document, name, file)
        document = f"{before}{BEGIN.format(name)}\n{table()}\n{END}{after}"
    return document


def require_places(path: Path, tables: Tables) -> None:
    """Raise a Failure that names the document and the comment, unless there is a place for each figure."""
    text = _read(path)
    for name in tables:
        _around(text, name, shown(path))


def write(path: Path, tables: Tables) -> None:
    """Write the figures into a document. Raises Failure if it has no place for one of them."""
    path.write_text(written(_read(path), tables, shown(path)), encoding="utf-8")
    print(f"wrote {shown(path)}")


def _around(document: str, name: str, file: str) -> tuple[str, str]:
    """What stands before and after the figures of that name, and their two comments."""
    first = BEGIN.format(name)
    found = around(document, first, END)
    if found is None:
        raise Failure(
            f"{file} has no place for its part {name!r}: put back the line {first} and below it the line "
            f"{END}, between which that part is written, and run the command again"
        )
    return found


def around(document: str, begin: str, end: str) -> tuple[str, str] | None:
    """What stands before a comment and after another below it; None without them."""
    before, found, rest = document.partition(begin)
    _, ended, after = rest.partition(end)
    return (before, after) if found and ended else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Failure(
            f"{shown(path)} is missing, a part of which is computed: bring it back, and run the command again"
        ) from error
