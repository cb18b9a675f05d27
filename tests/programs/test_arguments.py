"""Arguments come from make's command line only."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from tests.harness.command_line import makefile_targets

# Every argument of every target; each target of the Makefile takes some of them.
ARGUMENTS = {
    "CLOUD": "localstack", "PORT": "3000", "AUTH": "jwt", "VERBOSE": "1", "PYTHON": "/elsewhere/python",
    "ARGS": "--elsewhere", "ENV": "prod", "FN": "relay", "TASK": "a-task", "ID": "an-id", "SINCE": "1h",
    "FOLLOW": "0", "SUB": "mallory", "SCOPES": "admin", "REASON": "none", "APPROVER": "mallory",
    "QUEUE": "updated", "UNPROTECT": "1", "FILE": "a-file", "TABLE": "a-table", "FROM": "2026-01-01",
    "TO": "2026-01-02", "CONSUMER": "created", "USERS": "9", "DURATION": "9m", "SHAPE": "soak",
    "WORKERS": "9", "REQUESTS": "9e9", "MEMORY": "999", "ARCH": "x86_64", "API": "rest", "RETENTION": "9",
    "MS": "9", "RATE": "9", "AFTER": "a-task", "EVENT": "TaskDeleted", "N": "9", "MONITORING": "lean",
    "ACTION": "s3:*", "THROTTLE": "9", "CHAPTER": "faults", "LATENCY": "9s", "BUS": "feed",
    "WRITE": "1", "DEBUG": "relay", "EDITS": "9", "NAME": "a_name", "FORMAT": "otlp",
    "OTLP": "http://elsewhere", "ENTITY": "comment", "ROUTE": "GET /a",
    # template only
    "PLURAL": "parcels", "INTO": "../elsewhere",
    # end of template only
    "MODULE": "services/core", "JOBS": "9",
    "ENDPOINT": "http://elsewhere", "EMULATOR": "another 9.9", "REPORTS": "a.xml",
}  # fmt: skip


# They work on the local cloud alone. `save` and `load-state` refuse ENV= themselves, with what to do instead.
LOCAL_ONLY = ["up", "dev", "browse", "reset", "break", "mend", "rights", "down", "env"]
TARGETS = [name for name in makefile_targets() if name not in ("help", "help-all")]


def commands_of(*words: str, **ambient: str) -> str:
    """The commands that make would run for targets and arguments, without the variables of an outer make."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES")}
    command = ["make", "-n", "-C", str(ROOT), *words]
    surroundings = {name: value for name, value in kept.items() if name not in ARGUMENTS} | ambient
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", ["up", "plan", "lint", "fmt", "scan"])
def test_targets_that_run_terraform_look_for_it_before_anything_is_fetched(name: str) -> None:
    assert re.search(r"bootstrap\.py +--terraform", commands_of(name))


def test_exported_variables_change_no_target() -> None:
    changed = [name for name in TARGETS if commands_of(name) != commands_of(name, **ARGUMENTS)]

    assert changed == []


@pytest.fixture(scope="module")
def without_arguments() -> str:
    """The commands of all targets, one after the other."""
    return commands_of(*TARGETS)


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_every_argument_counts_on_the_command_line(argument: str, without_arguments: str) -> None:
    given = f"{argument}={ARGUMENTS[argument]}"

    assert commands_of(*TARGETS, given) != without_arguments


@pytest.mark.parametrize("target", LOCAL_ONLY)
def test_what_works_on_the_local_cloud_alone_refuses_another_env(target: str) -> None:
    # Its first line alone is run: without the refusal the target would empty or stop a cloud.
    lines = commands_of(target, "ENV=prod").splitlines()
    # Under `make test`, make is `make[1]` here, and says which folder it enters.
    first = next(line for line in lines if not re.match(r"make(\[\d+\])?: ", line))

    done = subprocess.run(["sh", "-c", first], capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr == "error: ENV=prod: this works on the local cloud alone: leave ENV out\n"
    assert commands_of(target, "ENV=local") == commands_of(target)


@pytest.mark.parametrize("target", ["url", "outputs", "save", "load-state"])
def test_env_reaches_the_commands_that_know_what_to_do_with_it(target: str) -> None:
    assert f"-m scripts {target} --env='prod'" in commands_of(target, "ENV=prod")


def test_values_reach_the_command_as_they_were_written() -> None:
    reason = 'it\'s $5, "not" `today` #1'

    commands = commands_of("reject", "TASK=-1", f"REASON={reason}").splitlines()
    (printed,) = [line for line in commands if "-m scripts " in line]

    words = subprocess.run(
        ["sh", "-c", f'set -- {printed.partition("-m scripts")[2]}; printf "%s\\n" "$@"'],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert words == ["reject", "--task=-1", f"--reason={reason}"]


def test_make_on_windows_names_the_ways_to_run_it() -> None:
    surroundings = {**os.environ, "OS": "Windows_NT"}

    done = subprocess.run(["make", "-C", str(ROOT), "up"], env=surroundings, capture_output=True, text=True)

    assert done.returncode == 2
    assert "WSL 2" in done.stderr
    assert "dev container" in done.stderr


@pytest.mark.parametrize("given", [[], ["PYTHON=python-elsewhere"]])
def test_make_without_a_python_names_what_to_install(given: list[str], tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make

    done = subprocess.run(
        [make, "-C", str(ROOT), "up", *given], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stderr.startswith("error: Python 3.11 or newer is needed")
    assert "make PYTHON=" in done.stderr
