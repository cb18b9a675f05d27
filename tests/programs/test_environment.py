"""Setting up: which Python is used, and when an environment is kept, synced or made again."""

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from scripts.base import environment
from scripts.base.environment import STAMP, ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.build.platforms import Platform

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


@pytest.mark.parametrize(
    ("python", "runtime"),
    [
        ("3.11", "python3.11"),
        ("3.12", "python3.12"),
        ("3.13", "python3.13"),
        ("3.14", "python3.13"),
        ("3.15", "python3.13"),
    ],
)
def test_functions_are_built_for_their_python_and_configured_with_a_runtime_that_exists(
    python: str, runtime: str
) -> None:
    platform = Platform.local(python)

    assert (platform.python, platform.runtime) == (python, runtime)
    assert platform.label.startswith(f"python{python}-")
    assert Platform.aws().runtime == "python3.13"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_lambdas_images_run_the_pythons_that_lambda_has(python: str) -> None:
    platform = Platform.container("arm64", python)

    assert (platform.runtime, platform.system, platform.architecture) == (f"python{python}", "linux", "arm64")


@pytest.mark.parametrize("python", ["3.14", "3.15"])
def test_localstack_with_a_python_that_has_no_image_names_the_one_to_install(python: str) -> None:
    with pytest.raises(Failure, match=rf"none for Python {python}: install python3\.13 and .*PYTHON="):
        Platform.container("x86_64", python)


def test_on_musl_wheels_of_musl_are_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))

    assert Platform.local("3.13", "arm64").wheel_platform == "aarch64-unknown-linux-musl"
    assert Platform.container("arm64", "3.13").wheel_platform == "aarch64-manylinux2014"


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


def test_a_failing_command_shows_the_end_of_its_output() -> None:
    with pytest.raises(Failure, match=r"no network: do this\n  it said so"):
        environment._run([sys.executable, "-c", "import sys; sys.exit('it said so')"], "no network: do this")


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
