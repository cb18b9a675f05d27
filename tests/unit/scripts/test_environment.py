"""Setting up: which Pythons do, and when an environment is left alone, completed or made again."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts import environment
from scripts.environment import ROOT, STAMP, ensure_environment
from scripts.failure import Failure

# Claims to fit whatever it is asked, and then says how it was called.
FITTING_PYTHON = '#!/bin/sh\n[ "$1" = -c ] && exit 0\necho fitting "$@"\n'


def run_bootstrap(folder: Path, *, minimum: str, chosen: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a copy of scripts/bootstrap.py that asks for another Python, with only the folder on PATH."""
    copy = folder / "project/scripts/bootstrap.py"
    copy.parent.mkdir(parents=True, exist_ok=True)
    original = (ROOT / "scripts/bootstrap.py").read_text()
    copy.write_text(original.replace("MINIMUM = (3, 11)", f"MINIMUM = {minimum}"))
    (copy.parent / "environment.py").write_text("import sys; print('this one', *sys.argv[1:])")
    surroundings = {"PATH": str(folder), "PYTHON": chosen}
    return subprocess.run([sys.executable, str(copy)], env=surroundings, capture_output=True, text=True)


def test_a_python_that_fits_goes_on(tmp_path: Path) -> None:
    assert run_bootstrap(tmp_path, minimum="(3, 11)").stdout == "this one\n"


def test_a_python_that_was_named_is_kept_to(tmp_path: Path) -> None:
    assert run_bootstrap(tmp_path, minimum="(3, 11)", chosen="python3").stdout == "this one --this-python\n"


def test_a_python_that_is_too_old_names_the_remedy_in_one_line(tmp_path: Path) -> None:
    done = run_bootstrap(tmp_path, minimum="(3, 99)")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.99 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr


def test_a_newer_python_on_the_path_is_found_unless_one_was_named(tmp_path: Path) -> None:
    newer = tmp_path / "python3.13"
    newer.write_text(FITTING_PYTHON)
    newer.chmod(0o755)

    assert run_bootstrap(tmp_path, minimum="(3, 99)").stdout == "fitting -m scripts.environment\n"
    assert run_bootstrap(tmp_path, minimum="(3, 99)", chosen="python3").returncode == 1


class Machine(NamedTuple):
    """An environment to make, with every command that would be run recorded instead."""

    environment: Path
    lock: Path
    commands: list[str]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    commands: list[str] = []
    made = tmp_path / "environment"

    def run(command: list[str], _trouble: str) -> None:
        commands.append(" ".join(command[1:3]))
        (made / "bin").mkdir(parents=True, exist_ok=True)
        (made / "bin/python").touch()

    lock = tmp_path / "lock.txt"
    lock.write_text("one==1\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "_run", run)
    return Machine(made, lock, commands)


def test_a_second_call_does_nothing(machine: Machine) -> None:
    ensure_environment(machine.environment, machine.lock)
    assert machine.commands == ["-m venv", "pip sync"]

    ensure_environment(machine.environment, machine.lock)
    assert machine.commands == ["-m venv", "pip sync"]


def test_an_interrupted_environment_is_made_again(machine: Machine) -> None:
    ensure_environment(machine.environment, machine.lock)
    (machine.environment / STAMP).unlink()
    (machine.environment / "rubbish").touch()

    ensure_environment(machine.environment, machine.lock)

    assert not (machine.environment / "rubbish").exists()
    assert machine.commands == ["-m venv", "pip sync"] * 2


def test_a_changed_lock_syncs_the_packages_only(machine: Machine) -> None:
    ensure_environment(machine.environment, machine.lock)
    machine.lock.write_text("one==2\n")

    ensure_environment(machine.environment, machine.lock)

    assert machine.commands == ["-m venv", "pip sync", "pip sync"]


def test_an_environment_whose_python_has_gone_is_made_again(machine: Machine) -> None:
    ensure_environment(machine.environment, machine.lock)
    (machine.environment / "bin/python").unlink()
    (machine.environment / "bin/python").symlink_to("/nowhere/python")

    ensure_environment(machine.environment, machine.lock)

    assert machine.commands == ["-m venv", "pip sync"] * 2


def test_another_python_matters_only_where_the_same_is_asked_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_environment(machine.environment, machine.lock)
    monkeypatch.setattr(environment, "base_python", lambda: "/another/python")

    ensure_environment(machine.environment, machine.lock)
    assert len(machine.commands) == 2
    ensure_environment(machine.environment, machine.lock, same_python=True)
    assert len(machine.commands) == 4


def test_a_full_disk_is_told_before_anything_is_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "NEEDED_BYTES", 10**18)

    with pytest.raises(Failure, match=r"only \d+ MB are free .*: make room"):
        ensure_environment(machine.environment, machine.lock)
    assert machine.commands == []


def test_a_command_that_fails_shows_the_end_of_what_it_said() -> None:
    with pytest.raises(Failure, match=r"no network: do this\n  it said so"):
        environment._run([sys.executable, "-c", "import sys; sys.exit('it said so')"], "no network: do this")
