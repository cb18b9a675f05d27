"""Find a Python that can run this project, and hand over to scripts/environment.py with it.

Standard library only, and a syntax that old Pythons parse: they must get as far as saying what is missing.
"""

import os
import subprocess
import sys

MINIMUM = (3, 11)
CANDIDATES = ("python3.13", "python3.12", "python3.11")
# ensurepip is what Debian's python3 lacks without python3-venv.
PROBE = "import sys, venv, ensurepip; sys.exit(sys.version_info < %r)" % (MINIMUM,)


def can_run(python):
    # type: (str) -> bool
    """Tell whether this interpreter is new enough and can make virtual environments."""
    try:
        with open(os.devnull, "w") as nothing:
            return subprocess.call([python, "-c", PROBE], stdout=nothing, stderr=nothing) == 0
    except OSError:
        return False


def main():
    # type: () -> None
    """Replace this process by one that runs on a fitting Python, or say what to install."""
    chosen = os.environ.get("PYTHON")
    candidates = [sys.executable] if chosen else [sys.executable] + list(CANDIDATES)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for python in candidates:
        if python and can_run(python):
            os.chdir(root)
            os.execvp(python, [python, "-m", "scripts.environment"] + (["--this-python"] if chosen else []))
    sys.exit(
        "Python %d.%d or newer with its venv module is needed; %s is %s. Install it (Debian and Ubuntu: "
        "apt install python3 python3-venv; macOS: brew install python), or name it: make PYTHON=/path/to/it"
        % (MINIMUM + (sys.executable or "this one", ".".join(str(part) for part in sys.version_info[:3])))
    )


if __name__ == "__main__":
    main()
