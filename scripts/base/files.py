"""Files: a hash of several, one that is written whole, one that a user names. Standard library only."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from scripts.base.failure import Failure
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


def named_path(text: str, argument: str = "") -> Path:
    """The path that an argument names, where `~` is a home folder. Raises Failure that names it."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # nothing says where this home folder is
        raise Failure(f"{argument}{text} has no home folder behind its ~: name it in full") from error
