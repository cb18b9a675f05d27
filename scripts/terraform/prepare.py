"""Make the project's own environment: the second step of `make environment`, after scripts/base/bootstrap.py.

Standard library only, because nothing is installed yet.
"""

import sys

from scripts.base.environment import ensure_environment
from scripts.base.failure import run_command
from scripts.base.paths import PROJECT_ENVIRONMENT, REQUIREMENTS
from scripts.terraform.binary import require_obtainable

LAUNCHER = PROJECT_ENVIRONMENT / "bin/task-manager"
LAUNCH = """#!/bin/sh
# Runs the project's commands (python -m scripts) from any folder.
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd) || exit
start='import runpy, sys; sys.path[0] = sys.argv.pop(1); runpy.run_module("scripts", run_name="__main__")'
exec "$root/.venv/bin/python" -c "$start" "$root" "$@"
"""


def install_launcher() -> None:
    """Put `task-manager` into the environment, unless it is there."""
    if not LAUNCHER.exists() or LAUNCHER.read_text() != LAUNCH:
        LAUNCHER.write_text(LAUNCH)
        LAUNCHER.chmod(0o755)


def main() -> None:
    """Make it; `--this-python` rebuilds it if another Python made it.

    With `--terraform` a Terraform must be there, or be had for this platform, before anything is fetched.
    """
    if "--terraform" in sys.argv[1:]:
        require_obtainable()
    same_python = "--this-python" in sys.argv[1:]
    ensure_environment(PROJECT_ENVIRONMENT, REQUIREMENTS / "dev.txt", same_python=same_python)
    install_launcher()


if __name__ == "__main__":
    run_command(main)
