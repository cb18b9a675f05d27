"""Checks of the JavaScript of both consoles: formatting and rules by Biome, types by TypeScript."""

from functools import cache
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.node import installed_packages, run_program
from scripts.base.paths import ROOT, WORK_FOLDER

CONSOLE = ROOT / "services/console"
FOLDERS = (CONSOLE, ROOT / "scripts/console/static")
PACKAGES = WORK_FOLDER / "javascript"


@cache
def tools() -> Path:
    """The folder with the packages that `package-lock.json` pins; a Failure where they cannot be fetched."""
    return installed_packages(CONSOLE, PACKAGES) / "node_modules"


def biome(folder: Path = CONSOLE, *, fix: bool = False) -> None:
    """Check the format and Biome's rules; with `fix`, repair what can be repaired safely."""
    write = ["--write"] if fix else []
    _run("@biomejs/biome/bin/biome", "check", "--error-on-warnings", *write, ".", folder=folder)


def tsc(folder: Path = CONSOLE) -> None:
    """Check the types that the comments declare."""
    _run("typescript/bin/tsc", "--project", ".", folder=folder)


def _run(program: str, *arguments: str, folder: Path) -> None:
    done = run_program(tools() / program, *arguments, folder=folder)
    if done.returncode:
        raise Failure((done.stdout + done.stderr).strip())
