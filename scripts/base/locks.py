"""What only one process of this machine may do at a time."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from scripts.base.failure import Failure


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Wait until no other process holds the lock, and hold it; a killed process holds none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def alone(file: Path, holder: str) -> Iterator[None]:
    """Hold the lock, or fail at once with a Failure that names its holder, such as "`make plan ENV=dev`"."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            running = handle.read() or "another command"
            raise Failure(f"{running} is running: wait until it is done") from error
        handle.truncate(0)
        handle.write(holder)
        handle.flush()
        yield
