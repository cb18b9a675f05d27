"""Finding Terraform: the one on PATH, else Terraform as a library from PyPI."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import REQUIREMENTS, ROOT
from scripts.terraform import wheels

MINIMUM = (1, 10)  # the first with lock files in S3 state buckets
LIBRARY_ENVIRONMENT = ROOT / ".local/terraform/environment"
LIBRARY_COMMAND = Path(__file__).with_name("library.py")


@cache
def terraform_command() -> tuple[str, ...]:
    """The words that start Terraform; fetches the library on first use where no program is installed."""
    if installed := _fitting():
        return (installed,)
    require_obtainable()
    try:
        ensure_environment(LIBRARY_ENVIRONMENT, REQUIREMENTS / "terraform.txt")
    except Failure as failure:
        raise Failure(
            f"{_needed()}: install it from {wheels.INSTALL} ({str(failure).splitlines()[0]})"
        ) from failure
    return (str(LIBRARY_ENVIRONMENT / "bin/python"), "-I", str(LIBRARY_COMMAND))


def require_obtainable() -> None:
    """Fail where no Terraform is installed and PyPI has none for this platform; fetches nothing."""
    trouble = wheels.trouble(wheels.Machine.current())
    if trouble and not _fitting():
        raise Failure(f"{_needed()}. {trouble}")


def _fitting() -> str | None:
    """The installed Terraform, if it is new enough."""
    installed = shutil.which("terraform")
    version = installed_version(installed) if installed else None
    return installed if version and is_new_enough(version) else None


def _needed() -> str:
    installed = shutil.which("terraform")
    found = f"the one on PATH is {installed_version(installed)}" if installed else "none is on PATH"
    return f"Terraform {'.'.join(map(str, MINIMUM))} or newer is needed and {found}"


def installed_version(program: str) -> str | None:
    """The version of an installed Terraform; None if it does not run."""
    # Terraform would append TF_CLI_ARGS to these arguments.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    ask = [program, "version", "-json"]
    try:
        answer = subprocess.run(ask, env=surroundings, capture_output=True, text=True, timeout=30)
        return str(json.loads(answer.stdout)["terraform_version"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None


def is_new_enough(version: str) -> bool:
    """Compare a version such as `1.11.4` or `1.12.0-beta1` with the oldest that works."""
    parts = version.partition("-")[0].split(".")
    return tuple(int(part) for part in parts[:2]) >= MINIMUM
