"""Git on one folder. Standard library only: copier runs programs that use it in an environment of its own."""

import os
import subprocess
from pathlib import Path

from scripts.base.failure import Failure

# A hook has these set, for the repository that it belongs to.
_OF_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


def git(folder: Path, *arguments: str) -> str:
    """What git prints in a folder, without the last line's end; a Failure with what it complains about."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
    done = subprocess.run(["git", *arguments], cwd=folder, env=kept, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"git {arguments[0]} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout.rstrip()
