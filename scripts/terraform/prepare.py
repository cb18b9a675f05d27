"""Make the project's own environment: the second step of `make environment`, after scripts/base/bootstrap.py.

Standard library only, because nothing is installed yet.
"""

import sys

from scripts.base.environment import ensure_environment
from scripts.base.failure import run_command
from scripts.base.paths import PROJECT_ENVIRONMENT, REQUIREMENTS
from scripts.terraform.binary import require_obtainable


def main() -> None:
    """Make it; `--this-python` rebuilds it if another Python made it.

    With `--terraform` a Terraform must be there, or be had for this platform, before anything is fetched.
    """
    if "--terraform" in sys.argv[1:]:
        require_obtainable()
    same_python = "--this-python" in sys.argv[1:]
    ensure_environment(PROJECT_ENVIRONMENT, REQUIREMENTS / "dev.txt", same_python=same_python)


if __name__ == "__main__":
    run_command(main)
