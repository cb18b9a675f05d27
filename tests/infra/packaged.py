"""Programs that run with the package's libraries, or with the whole ones that it is made from."""

import subprocess
import sys
from pathlib import Path

from tests.infra.conftest import minimal_environment


def run_inside(unpacked: Path, program: str, given: str = "", **variables: str) -> str:
    """Run a program that can import the package and the standard library, nothing else.

    It reads what is given from its standard input.
    """
    start = f"import sys; sys.path.append({str(unpacked)!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + program],
        env=minimal_environment(**variables),
        input=given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_with_the_whole(program: str) -> str:
    """Run a program with the full libraries, as they are published."""
    command = [sys.executable, "-I", "-c", program]
    return subprocess.run(
        command, env=minimal_environment(), capture_output=True, text=True, check=True
    ).stdout
