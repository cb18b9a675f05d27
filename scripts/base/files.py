"""Files: a hash of several, and one that is never seen half-written. Standard library only."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from scripts.base.paths import ROOT


def digest_of(files: Iterable[Path], seed: str = "", root: Path = ROOT) -> str:
    """A hash of a text and of files, in this order: of their contents and of their names below a root."""
    digest = hashlib.sha256(seed.encode())
    for path in files:
        name = path.relative_to(root) if path.is_relative_to(root) else path
        digest.update(f"\0{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new one, never half of one."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
