"""Small programs that stand in for real ones."""

from pathlib import Path


def shell_program(path: Path, text: str) -> Path:
    """Write a program of /bin/sh, in a folder that is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return path
