"""Virtual environments built from a lock file: the project's own, and the embedded cloud's.

Run by whatever Python is there before anything is installed, so: standard library only.
"""

import contextlib
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.base import pythons
from scripts.base.failure import Failure
from scripts.base.locks import locked
from scripts.base.paths import PROJECT_ENVIRONMENT, REQUIREMENTS, ROOT
from scripts.base.user import can_be_made, home

STAMP = ".complete.json"  # written last: an environment without it was interrupted
NEEDED_BYTES = 1_000_000_000
# Settings of pip and uv that would install something else, or elsewhere.
MISDIRECTING = frozenset(
    {
        *("VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_REQUIREMENT"),
        *("UV_PROJECT", "UV_WORKING_DIR", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_SYSTEM_PYTHON", "UV_PYTHON"),
    }
)


def base_python() -> str:
    """The interpreter behind the environment this runs in, so that environments never nest."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def is_complete(environment: Path, lock: Path, python: str | None = None) -> bool:
    """Whether the environment holds what the lock says, made by that Python (None: by any)."""
    stamp = _stamp(environment)
    return stamp is not None and stamp["lock"] == _digest(lock) and python in (None, stamp["python"])


def ensure_environment(environment: Path, lock: Path, *, same_python: bool = False) -> None:
    """Make the environment hold exactly the locked packages; instantaneous when it does already.

    With same_python the environment must have been made by the interpreter that runs this. A Failure
    tells of a full disk or of packages that could not be fetched.
    """
    python = base_python()
    wanted_python = python if same_python else None
    if is_complete(environment, lock, wanted_python):
        return
    require_disk_space(ROOT)
    environment.parent.mkdir(parents=True, exist_ok=True)
    with locked(ROOT / ".local" / f"{_name(environment).replace('/', '-').lstrip('.')}.lock"):
        if not is_complete(environment, lock, wanted_python):
            _build(environment, lock, python)


def require_disk_space(folder: Path) -> None:
    """Fail when less is free than a first run needs."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        needed = f"{NEEDED_BYTES / 1e6:.0f} MB"
        raise Failure(f"only {free / 1e6:.0f} MB are free in {folder}: make room for {needed}")


def _stamp(environment: Path) -> dict[str, str] | None:
    """What a completed environment says of itself; None if it is not complete or its Python has gone."""
    try:
        stamp = json.loads((environment / STAMP).read_text())
    except (OSError, ValueError):
        return None
    return stamp if (environment / "bin/python").exists() else None


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _build(environment: Path, lock: Path, python: str) -> None:
    name = _name(environment)
    if not _made_by(environment, python):
        _make(environment, python, name)
    (environment / STAMP).unlink(missing_ok=True)
    with _step(f"{name}: {lock.read_text().count('==')} packages of {lock.relative_to(ROOT)}"):
        sync = [str(PROJECT_ENVIRONMENT / "bin/uv"), "pip", "sync", "--quiet", "--require-hashes", str(lock)]
        sync += ["--python", str(environment / "bin/python")]
        _run(
            sync,
            "packages could not be fetched: check the network, or set UV_DEFAULT_INDEX" + _newer_python(),
        )
    (environment / STAMP).write_text(json.dumps({"lock": _digest(lock), "python": python}))


def _newer_python() -> str:
    """A remedy where some packages have no wheels for the Python that runs this."""
    if sys.version_info[:2] <= pythons.NEWEST_COMPLETE:
        return ""
    best = pythons.name(pythons.NEWEST_RUNTIME)
    return f"; some have no wheels for this Python: {best} has all of them, make PYTHON={best}"


def _name(environment: Path) -> str:
    return str(environment.relative_to(ROOT))


def _made_by(environment: Path, python: str) -> bool:
    """Whether the environment was completed once by this Python: then only its packages are synced."""
    return (stamp := _stamp(environment)) is not None and stamp["python"] == python


def _make(environment: Path, python: str, name: str) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_project = environment == PROJECT_ENVIRONMENT
    with _step(f"{name}: Python {version}"):
        # Only the project's own environment needs pip, and only to fetch uv.
        venv = [python, "-m", "venv", *([] if is_project else ["--without-pip"]), str(environment)]
        _run(venv, f"no virtual environment could be made in {name}")
    if is_project:
        with _step(f"{name}: uv"):
            pip = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            pip += ["--require-hashes", "--requirement", str(REQUIREMENTS / "bootstrap.txt")]
            _run(pip, "uv could not be fetched: check the network and pip's index settings")


def installers_surroundings() -> dict[str, str]:
    """The environment for pip and uv: the user's, but for what would change what is installed, or where.

    Their settings for indexes, proxies, certificates and caches stay. Pythons come from the machine, never
    from a download.
    """
    kept = {name: value for name, value in os.environ.items() if name not in MISDIRECTING}
    settings = {"UV_PYTHON_DOWNLOADS": "never", "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    cache = _cache(kept)
    if not (cache and can_be_made(cache)):  # as in a container whose home is read-only
        settings["UV_CACHE_DIR"] = str(ROOT / ".local/cache/uv")
    if _has_certificates():
        kept.setdefault("UV_SYSTEM_CERTS", "true")
    return {**kept, **settings}


def _cache(variables: Mapping[str, str]) -> Path | None:
    """The folder in which uv keeps what it has fetched; None where that is below an unknown home."""
    if given := variables.get("UV_CACHE_DIR"):
        return Path(given)
    if given := variables.get("XDG_CACHE_HOME"):
        return Path(given) / "uv"
    found = home()
    return found and found / ".cache/uv"


def _has_certificates() -> bool:
    """Whether this machine has certificates of its own, a company's proxy's among them; uv brings others.

    A small container often has none.
    """
    known = ssl.get_default_verify_paths()  # None where there is no such file or folder
    folder = False
    with contextlib.suppress(PermissionError):  # uv could not read them either
        folder = bool(known.capath) and any(Path(known.capath).iterdir())
    return sys.platform == "darwin" or bool(known.cafile) or folder


def _run(command: list[str], trouble: str) -> None:
    done = subprocess.run(command, env=installers_surroundings(), capture_output=True, text=True)
    if done.returncode:
        tail = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Failure(f"{trouble}\n  {tail}")


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    # On stderr, because commands like `make url` own stdout.
    print(f"  {what} …", end="", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("", file=sys.stderr)
        raise
    print(f" {time.monotonic() - started:.1f} s", file=sys.stderr)
