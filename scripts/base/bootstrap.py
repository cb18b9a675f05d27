"""Find the Python to run this project with, and hand over to scripts/terraform/prepare.py with it.

Standard library only, and a syntax that old Pythons parse: they must get as far as saying what is missing.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if __name__ == "__main__":
    # Replaces this file's folder, in which some modules have the names of standard ones.
    sys.path[0] = ROOT

import subprocess  # noqa: E402

from scripts.base import pythons  # noqa: E402

# Debian's python3 has ensurepip only with python3-venv. The wheels are for CPython.
PROBE = (
    "import sys, venv, ensurepip; "
    "sys.exit(sys.version_info < %r or getattr(sys, 'implementation', sys).name != 'cpython')"
    % (pythons.MINIMUM,)
)


def can_run(python):
    # type: (str) -> bool
    """Whether this interpreter is new enough and can make virtual environments."""
    try:
        with open(os.devnull, "w") as nothing:
            return subprocess.call([python, "-c", PROBE], stdout=nothing, stderr=nothing) == 0
    except OSError:
        return False


def candidates():
    # type: () -> list[str]
    """The interpreters to try: the one of a finished environment, then the best of what is on PATH."""
    made = os.path.join(ROOT, ".venv", "bin", "python")
    finished = os.path.exists(os.path.join(ROOT, ".venv", ".complete.json"))
    here = (tuple(sys.version_info[:2]), sys.executable)
    # Sorting keeps the order of equals: this one goes before another of its version.
    ranked = sorted([here] + pythons.commands(), key=lambda found: pythons.preference(found[0]))
    return [made] * finished + [python for _, python in ranked]


def main():
    # type: () -> None
    """Replace this process by one that runs on a fitting Python, or say what to install."""
    chosen = "--this-python" in sys.argv[1:]
    for python in [sys.executable] if chosen else candidates():
        if python and can_run(python):
            os.chdir(ROOT)
            os.execvp(python, [python, "-m", "scripts.terraform.prepare"] + sys.argv[1:])
    sys.exit(
        "Python %d.%d or newer with its venv module is needed; %s is %s. Install it (Debian and Ubuntu: "
        "apt install python3 python3-venv; macOS: brew install python@%d.%d), "
        "or name it: make PYTHON=/path/to/it"
        % (
            pythons.MINIMUM
            + (sys.executable or "this one", ".".join(str(part) for part in sys.version_info[:3]))
            + pythons.NEWEST_RUNTIME
        )
    )


if __name__ == "__main__":
    main()
