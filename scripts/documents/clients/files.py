"""Writes clients/ from docs/openapi.json: `make clients`."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.base.paths import ROOT
from scripts.documents.clients.python import write_python
from scripts.documents.clients.typescript import write_typescript
from scripts.documents.contracts import OPENAPI

CLIENTS = ROOT / "clients"
WRITERS: Mapping[str, Callable[[Path, Path], None]] = {"python": write_python, "typescript": write_typescript}
"""The folder of each client in clients/, and what writes it there from a document."""


def write() -> None:
    """Write every client anew; those that are there stay as they are if one cannot be written."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, write_client in WRITERS.items():
            write_client(OPENAPI, Path(scratch) / name)
        shutil.rmtree(CLIENTS, ignore_errors=True)
        shutil.copytree(scratch, CLIENTS)
    print(f"wrote {', '.join(f'clients/{name}' for name in WRITERS)} from docs/openapi.json")


def files_of(folder: Path) -> dict[str, str]:
    """The text of each file in a folder, by its path in there."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "__pycache__"
    }
