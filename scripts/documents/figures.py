"""`make docs`: computed figures and maps in a document, each between two comments."""

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.base.paths import ROOT

BEGIN, END = "<!-- computed: {} -->", "<!-- end -->"

Tables = Mapping[str, Callable[[], str]]
"""The name in the comment → what computes the text below it."""


def written(document: str, tables: Tables) -> str:
    """The document with the figures of now in it. Raises ValueError if it has no place for one of them."""
    for name, table in tables.items():
        before, begin, rest = document.partition(BEGIN.format(name))
        _, end, after = rest.partition(END)
        if not end:
            raise ValueError(f"the document has no place for the figures {name!r}")
        document = f"{before}{begin}\n{table()}\n{end}{after}"
    return document


def write(path: Path, tables: Tables) -> None:
    """Write the figures into a document."""
    path.write_text(written(path.read_text(), tables))
    print(f"wrote {path.relative_to(ROOT)}")
