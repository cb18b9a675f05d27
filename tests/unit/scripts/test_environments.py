"""When an environment is kept, synced or made again, and the variables that its installers get."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from scripts.base import environment
from scripts.base.environment import STAMP, ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import ROOT


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


def test_an_environment_whose_python_was_removed_is_made_again(machine: Machine) -> None:
    ensure_environment(machine.environment, machine.lock)
    (machine.environment / "bin/python").unlink()
    (machine.environment / "bin/python").symlink_to("/nowhere/python")

    ensure_environment(machine.environment, machine.lock)

    assert machine.commands == ["-m venv", "pip sync"] * 2


def test_another_python_matters_only_if_the_same_is_required(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_environment(machine.environment, machine.lock)
    monkeypatch.setattr(environment, "base_python", lambda: "/another/python")

    ensure_environment(machine.environment, machine.lock)
    assert len(machine.commands) == 2

    ensure_environment(machine.environment, machine.lock, same_python=True)
    assert len(machine.commands) == 4


def test_a_full_disk_is_reported_before_anything_is_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "NEEDED_BYTES", 10**18)

    with pytest.raises(Failure, match=r"only \d+ MB are free .*: make room"):
        ensure_environment(machine.environment, machine.lock)
    assert machine.commands == []


# --- pip and uv


def test_misdirecting_variables_do_not_reach_the_installers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.MISDIRECTING:
        monkeypatch.setenv(name, "/elsewhere")
    kept = {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "PIP_CERT": "/a.pem",
        "https_proxy": "http://p",
    }
    for name, value in kept.items():
        monkeypatch.setenv(name, value)

    seen = environment.installers_surroundings()

    assert "/elsewhere" not in seen.values()
    assert kept.items() <= seen.items()


@pytest.mark.parametrize(
    ("files", "given", "expected"),
    [(["proxy.pem"], None, "true"), ([], None, None), (["proxy.pem"], "false", "false")],
    ids=["certificates", "none", "the user's choice"],
)
def test_the_machines_own_certificates_are_trusted_where_it_has_any(
    files: list[str], given: str | None, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in files:
        (tmp_path / name).touch()
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    if given:
        monkeypatch.setenv("UV_SYSTEM_CERTS", given)
    places = SimpleNamespace(cafile=None, capath=str(tmp_path))
    monkeypatch.setattr("scripts.base.environment.ssl.get_default_verify_paths", lambda: places)
    monkeypatch.setattr(sys, "platform", "linux")

    assert environment.installers_surroundings().get("UV_SYSTEM_CERTS") == expected


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR"])
def test_the_cache_is_kept_in_the_project_if_home_is_unusable(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, str(tmp_path / "file"))

    assert environment.installers_surroundings()["UV_CACHE_DIR"] == str(ROOT / ".local/cache/uv")

    monkeypatch.setenv(variable, str(tmp_path / "not-yet-made"))
    seen = environment.installers_surroundings().get("UV_CACHE_DIR", "")
    assert seen == (str(tmp_path / "not-yet-made") if variable == "UV_CACHE_DIR" else "")
