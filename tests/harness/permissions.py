"""A folder that belongs to somebody else. The tests may run as root, whom no mode keeps out."""

import os
from pathlib import Path
from typing import Any

import pytest


def forbid_reading(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have the system refuse everything below a folder, whose own existence it still tells."""

    def guarded(name: str, refuses: bool) -> None:
        real = getattr(os, name)

        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if not isinstance(path, int) and _is_inside(folder, Path(os.fsdecode(path)), itself=refuses):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, name, call)

    guarded("stat", refuses=False)
    guarded("lstat", refuses=False)
    for name in ("scandir", "listdir"):
        guarded(name, refuses=True)


def _is_inside(folder: Path, path: Path, *, itself: bool) -> bool:
    return folder in path.parents or (itself and path == folder)
