"""What a running `make dev` wants of the embedded cloud, in a file that it holds a lock on."""

import contextlib
import fcntl
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.waiting import until
from scripts.clouds.dev.mode import FILE, running_session

# The emulator looks whether the file is locked by locking it for a moment.
LOCK_SECONDS = 2.0


@dataclass(frozen=True)
class DevSession:
    """What functions run, and where debuggers of some of them attach."""

    tree: Path
    """The working tree: the folder that holds `services`."""
    folder: Path
    """The cloud's."""
    alias: str
    """The alias by which functions are called."""
    functions: tuple[str, ...]
    """Deployed functions, in the order in which their processes start."""
    debugpy: Path | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    """Deployed function → port of its debugger."""

    @property
    def spare(self) -> Path:
        """A copy of the last tree that could be imported."""
        return self.folder / "dev/spare"

    @property
    def pages(self) -> Path:
        """The pages that the build would add to the tree."""
        return self.folder / "dev/pages"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Functions run the tree from their next call on, until this ends, or the process does."""
        file = self.folder / FILE
        with file.open("a+") as handle:
            if not until(lambda: _locked(handle.fileno()), seconds=LOCK_SECONDS):
                raise Failure("another `make dev` is running: end it with q")
            handle.truncate(0)
            wanted = asdict(self) | {"spare": self.spare, "pages": self.pages}
            handle.write(json.dumps({"id": uuid.uuid4().hex, **wanted}, default=str))
            handle.flush()
            yield


def tree_in_use(folder: Path) -> str | None:
    """The tree that functions of the cloud in this folder run; None if it is the deployed package."""
    found = running_session(folder / FILE)
    return str(found["tree"]) if found else None


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
