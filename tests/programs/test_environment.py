"""Setting up: which Python is used, and what a failing command shows."""

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.base import environment
from scripts.base.environment import STAMP
from scripts.base.failure import Failure
from scripts.base.paths import ROOT

# Passes every check of its version, and prints its arguments.
FITTING_PYTHON = '#!/bin/sh\n[ "$1" = -c ] && exit 0\necho {name} "$@"\n'


def run_bootstrap(
    folder: Path, *arguments: str, fits: bool = True, others: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Run a copy of scripts/base/bootstrap.py on this Python, with only `others` on PATH."""
    base = folder / "project/scripts/base"
    base.mkdir(parents=True, exist_ok=True)
    prepare = base.parent / "terraform"
    prepare.mkdir(exist_ok=True)
    for package in (base.parent, prepare):
        (package / "__init__.py").touch()
    for name in ("__init__.py", "pythons.py", "bootstrap.py"):
        text = (ROOT / "scripts/base" / name).read_text()
        (base / name).write_text(text if fits else text.replace("(pythons.MINIMUM,)", "((3, 99),)"))
    (prepare / "prepare.py").write_text("import sys; print('this one', *sys.argv[1:])")
    for name in others:
        (folder / name).write_text(FITTING_PYTHON.format(name=name))
        (folder / name).chmod(0o755)
    command = [sys.executable, str(base / "bootstrap.py"), *arguments]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True)


def test_a_fitting_python_is_used(tmp_path: Path) -> None:
    assert run_bootstrap(tmp_path).stdout == "this one\n"


def test_a_named_python_is_used(tmp_path: Path) -> None:
    done = run_bootstrap(tmp_path, "--this-python", "--terraform", others=["python3.13"])

    assert done.stdout == "this one --this-python --terraform\n"


def test_a_python_that_is_too_old_names_the_remedy_in_one_line(tmp_path: Path) -> None:
    done = run_bootstrap(tmp_path, fits=False)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr


@pytest.mark.parametrize(
    ("others", "taken"),
    [
        (["python3.11"], "python3.11"),
        (["python3.11", "python3.12"], "python3.12"),
        (["python3.12", "python3.13", "python3.14"], "python3.13"),
        (["python3.14", "python3.11"], "python3.11"),
        (["python3.14"], "python3.14"),
        (["python3.15", "python3.14"], "python3.14"),
        (["python3.15"], "python3.15"),
    ],
)
def test_the_newest_python_that_lambda_has_is_taken_and_else_the_oldest_newer_one(
    tmp_path: Path, others: list[str], taken: str
) -> None:
    assert (
        run_bootstrap(tmp_path, fits=False, others=others).stdout == f"{taken} -m scripts.terraform.prepare\n"
    )


def test_a_named_python_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    assert run_bootstrap(tmp_path, "--this-python", fits=False, others=["python3.13"]).returncode == 1


def test_the_python_of_a_finished_environment_is_kept(tmp_path: Path) -> None:
    made = tmp_path / "project/.venv"
    (made / "bin").mkdir(parents=True)
    (made / "bin/python").write_text(FITTING_PYTHON.format(name="made"))
    (made / "bin/python").chmod(0o755)

    assert run_bootstrap(tmp_path).stdout == "this one\n", "unfinished"
    (made / STAMP).touch()
    assert run_bootstrap(tmp_path).stdout == "made -m scripts.terraform.prepare\n"


@pytest.mark.parametrize("version", [(3, 4), (3, 6), (3, 8)])
def test_old_pythons_can_read_the_bootstrap(version: tuple[int, int]) -> None:
    for name in ("__init__.py", "pythons.py", "bootstrap.py"):
        ast.parse((ROOT / "scripts/base" / name).read_text(), feature_version=version)


def test_a_failing_command_shows_the_end_of_its_output() -> None:
    with pytest.raises(Failure, match=r"no network: do this\n  it said so"):
        environment._run([sys.executable, "-c", "import sys; sys.exit('it said so')"], "no network: do this")
