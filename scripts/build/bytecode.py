"""Compiling with the Python that will run the code: without bytecode, imports take three times as long."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from scripts.base.environment import base_python
from scripts.base.failure import Failure
from scripts.base.user import home

_COMPILER = Path(__file__).with_name("compile_tree.py")


def find_interpreter(version: str) -> str | None:
    """A Python of that minor version on this machine, or None; nothing is downloaded."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return base_python()
    # A name on PATH may be pyenv's shim, which refuses versions that are not selected: try each.
    for candidate in (f"python{version}", *_of_pyenv(version)):
        if (found := full_version(candidate)) and found.startswith(f"{version}."):
            return candidate
    return None


def _of_pyenv(version: str) -> list[str]:
    """The Pythons of that minor version that pyenv has installed; none where this user may not look."""
    own = home()
    given = os.environ.get("PYENV_ROOT") or (own and own / ".pyenv")
    installed: list[Path] = []
    if given:
        with contextlib.suppress(PermissionError):
            installed += Path(given, "versions").glob(f"{version}.*/bin/python{version}")
    return sorted(map(str, installed))


def full_version(interpreter: str) -> str | None:
    """The version down to the patch, such as 3.13.0; None if that is no Python."""
    ask = [interpreter, "-I", "-S", "-c", "import platform; print(platform.python_version())"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def compile_tree(interpreter: str, tree: Path, *, keep_source: bool) -> None:
    """Compile every module below the folder, in place.

    With the source the bytecode goes where Python looks for it beside sources (`__pycache__`); without,
    it takes the source's place.
    """
    # The result must not depend on the environment: neither on the user's settings nor, through the order
    # of sets, on a random seed.
    surroundings = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    mode = "beside" if keep_source else "instead"
    done = subprocess.run(
        [interpreter, "-S", "-s", "-P", str(_COMPILER), str(tree), mode],
        env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failure(f"{interpreter} cannot compile the functions' code:\n{done.stderr.strip()}")
