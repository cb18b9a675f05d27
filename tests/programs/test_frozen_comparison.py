"""A change of a model that old data does not fit is refused by the comparison with the base branch."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from tests.harness.git import commit, git

COPIED = ("services", "scripts", "docs", "tests/frozen")
WITHOUT_THE_OUTSIDE = {
    name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))
}
TASK = Path("services/core/task.py")
PAGE = (ROOT / "docs/changing-data.md").read_text("utf-8")
EXPANDED, CONTRACTED = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
PLAIN = Path("tests/frozen/tasks/created.json")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose last commit is the base branch."""
    folder = tmp_path_factory.mktemp("base")
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    git(folder, "init", "--quiet")
    commit(folder, "base")
    git(folder, "tag", "base")
    return folder


@pytest.fixture
def copy(base: Path) -> Path:
    """The same with nothing changed since."""
    git(base, "checkout", "--quiet", "--force", "base")
    git(base, "clean", "-d", "--force", "--quiet")
    return base


def compared(copy: Path) -> tuple[int, str]:
    """The exit code of the comparison with the base branch, and what it prints."""
    return scripts(copy, "compatibility", "HEAD")


def scripts(copy: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "scripts", *words]
    done = subprocess.run(command, cwd=copy, env=WITHOUT_THE_OUTSIDE, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def add_to_task(copy: Path, field: str) -> None:
    replaced(
        copy / TASK, "    approval: Annotated[Approval |", f"    {field}\n    approval: Annotated[Approval |"
    )


def test_the_same_code_reads_everything(copy: Path) -> None:
    code, printed = compared(copy)

    assert code == 0, printed
    forms = len(list((ROOT / "tests/frozen").rglob("*.json")))
    assert f"{forms} frozen forms and 7 samples of HEAD are readable" in printed


def test_a_required_field_of_a_task_is_refused_by_name_and_with_the_remedy(copy: Path) -> None:
    add_to_task(copy, CONTRACTED)

    code, printed = compared(copy)

    (told,) = re.findall(r"^```\n(Task\..*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert code == 1
    assert "Task.colour: Field required" in told
    assert "A new field needs a default; docs/changing-data.md says how" in printed
    for line in told.splitlines():
        assert line.removesuffix("…") in printed, "docs/changing-data.md shows another line"


def test_a_field_with_a_default_is_allowed(copy: Path) -> None:
    add_to_task(copy, EXPANDED)

    code, printed = compared(copy)

    assert code == 0, printed


def test_a_value_that_is_no_longer_known_is_refused(copy: Path) -> None:
    replaced(copy / "services/core/status.py", 'MEDIUM = "medium"', 'MEDIUM = "normal"')

    code, printed = compared(copy)

    assert code == 1
    assert "Task.priority: Input should be 'low', 'normal' or 'high'" in printed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda file: file.write_text(json.dumps(json.loads(file.read_text()))), "changed; restore it"),
        (lambda file: file.unlink(), "removed, and tests/frozen/retired.md does not say why"),
    ],
    ids=["reformatted", "removed"],
)
def test_a_frozen_form_stays_as_it_is(copy: Path, change: Callable[[Path], None], complaint: str) -> None:
    change(copy / PLAIN)

    code, printed = compared(copy)

    assert code == 1
    assert f"{PLAIN}: {complaint}" in printed


def test_a_field_is_required_once_the_forms_without_it_are_retired(copy: Path) -> None:
    add_to_task(copy, EXPANDED)
    scripts(copy, "openapi")
    git(copy, "commit", "--quiet", "--all", "--message=expanded, and by now deployed and migrated")
    replaced(copy / TASK, EXPANDED, CONTRACTED)
    still_read = compared(copy)

    for folder in ("tasks", "idempotency", "stream", "events"):
        for file in (copy / "tests/frozen" / folder).glob("*.json"):
            file.unlink()
            with (copy / "tests/frozen/retired.md").open("a") as retired:
                retired.write(f"| `{folder}/{file.name}` | 2026-06-01 | every task was backfilled |\n")
    code, printed = compared(copy)

    assert still_read[0] == 1
    assert "Task.colour: Field required" in still_read[1]
    assert code == 0, printed
