"""The user who runs this: the home folder and the name, where there are any. Standard library only.

A container often runs as a number that no file of users knows, without HOME or with that of another user.
"""

import getpass
import os
from pathlib import Path


def home() -> Path | None:
    """The home folder, which this user may not be allowed to read; None if nothing says where it is."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def user_name() -> str:
    """The name of the user, such as the API takes for a caller; made from the number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return f"user-{os.getuid()}"


def can_be_made(folder: Path) -> bool:
    """Whether a folder is there and can be written, or this user may make it."""
    try:
        nearest = next(found for found in (folder, *folder.parents) if found.exists())
    except PermissionError:
        return False
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
