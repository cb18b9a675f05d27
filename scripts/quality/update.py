"""`make update`: take over a later version of the template that this project was made from."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import copier
from copier.errors import CopierError
from plumbum import ProcessExecutionError, local

from scripts.base.failure import Failure
from scripts.base.git import git
from scripts.base.paths import ROOT

# Tells the program that renders, scripts/template/render.py of the template, where to keep what it made.
RENDERED = "RENDERED_PROJECTS"
ANSWERS = ROOT / ".copier-answers.yml"


def update(version: str | None = None) -> None:
    """Merge what the template has changed since the last update: to a version, by default its latest tag.

    Changes of one's own stay; where both changed a line, the file has conflict markers. Code of the
    template runs on this machine, as `make` does. A Failure says what to do first.
    """
    if not ANSWERS.is_file():
        raise Failure("this is no project that `make new` has made: .copier-answers.yml is missing")
    if git(ROOT, "status", "--porcelain"):
        raise Failure("there are changes that are not committed: commit or stash them first")
    if version is None and _is_latest():
        print("nothing has changed: the project has the template's latest version")
        return
    try:
        with _rendered_once():
            copier.run_update(
                ROOT,
                vcs_ref=version,
                defaults=True,
                overwrite=True,
                unsafe=True,
                quiet=True,
                conflict="inline",
            )
    except (CopierError, ValueError) as error:
        raise Failure(f"{error}: TO= names another version of the template, a tag or a commit") from error
    except ProcessExecutionError as error:
        raise Failure(
            f"git could not get the template ({_complaint(error.stderr)}): see that _src_path in "
            f"{ANSWERS.name} can be reached, and that TO= names a tag or a commit of it"
        ) from error
    changed = git(ROOT, "status", "--short")
    conflicts = git(ROOT, "diff", "--name-only", "--diff-filter=U") if changed else ""
    print(changed or "nothing has changed")
    if conflicts:
        print(f"\nBoth sides have changed these: settle them, then `git add`:\n{conflicts}")
    elif changed:
        print("\nLook at `git diff`, run `make unit lint`, and commit.")


@contextlib.contextmanager
def _rendered_once() -> Iterator[None]:
    """While it lasts, each version of the template is rendered once; copier wants the new one twice."""
    # copier runs programs in plumbum's copy of the environment, which is made at its import.
    with tempfile.TemporaryDirectory(prefix="rendered-") as folder, local.env(**{RENDERED: folder}):
        yield


def _complaint(output: str) -> str:
    """What git complains about: below that, it may give advice."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    return next((line for line in reversed(lines) if line.startswith("fatal: ")), lines[-1])


def _is_latest() -> bool:
    """Whether the template has no other version; False as well where that cannot be found out.

    Merging the same version would change nothing, and makes the project twice to see so.
    """
    ask = [sys.executable, "-m", "copier", "check-update", "--output-format", "json"]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return False
    return bool(told["current_version"] == told["latest_version"])
