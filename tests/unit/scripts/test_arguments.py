"""Arguments come from make's command line only, and commands that change AWS ask first."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.deployments import record, target
from scripts.deployments.aws.account import Account
from tests.harness.command_line import makefile_targets, task_manager

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
    "ENDPOINT": "http://elsewhere", "EMULATOR": "another 9.9", "REPORTS": "a.xml",
}  # fmt: skip


TARGETS = [name for name in makefile_targets() if name not in ("help", "help-all")]


def commands_of(target_name: str, *given: str, **ambient: str) -> str:
    """The commands that make would run, without the variables of an outer make."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES")}
    command = ["make", "-n", "-C", str(ROOT), target_name, *given]
    surroundings = {name: value for name, value in kept.items() if name not in ARGUMENTS} | ambient
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout


def test_exported_variables_change_no_target() -> None:
    changed = [name for name in TARGETS if commands_of(name) != commands_of(name, **ARGUMENTS)]

    assert changed == []


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_every_argument_counts_on_the_command_line(argument: str) -> None:
    given = f"{argument}={ARGUMENTS[argument]}"

    passed_on = [name for name in TARGETS if commands_of(name, given) != commands_of(name)]

    assert passed_on


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


# --- the scripts


# Commands that change something, with the arguments that they require.
CHANGES: dict[str, list[str]] = {
    "redrive": [],
    "approve": ["--task=a"],
    "reject": ["--task=a"],
    "replay": ["--from=2026-01-01"],
    "restore": ["--from=2026-01-01"],
    "backfill": [],
    "rollback": [],
    "demo": [],
    "invoke": ["--fn=relay"],
    "seed": [],
    "events": [],
}


class Terminal(io.StringIO):
    """A terminal at which somebody can answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that has an id, but in which nothing can be done."""

    class Untouched:
        def __init__(self, *_: Any) -> None:
            raise AssertionError("the deployment was reached")

    monkeypatch.delenv("AUTO_APPROVE", raising=False)
    monkeypatch.setattr(
        target, "current_account", lambda: Account("123456789012", "eu-west-1", lambda _: None)
    )
    monkeypatch.setattr(target, "Deployment", Untouched)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("environment", ["dev", "prod", "pr-7"])
class TestChangesOfAws:
    def test_is_refused_without_a_terminal(
        self, account: None, monkeypatch: pytest.MonkeyPatch, name: str, environment: str
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(environment))

        with pytest.raises(Failure, match="AUTO_APPROVE=1"):
            task_manager(name, *CHANGES[name], f"--env={environment}")

    def test_asks_and_stops_on_another_answer(
        self, account: None, monkeypatch: pytest.MonkeyPatch, name: str, environment: str
    ) -> None:
        asked: list[str] = []
        monkeypatch.setattr(sys, "stdin", Terminal())

        def answer(question: str) -> str:
            asked.append(question)
            return "yes"

        monkeypatch.setattr("builtins.input", answer)

        with pytest.raises(Failure, match="nothing was changed"):
            task_manager(name, *CHANGES[name], f"--env={environment}")
        assert f"in {environment}, account 123456789012" in asked[0]

    def test_goes_on_with_auto_approve(
        self, account: None, monkeypatch: pytest.MonkeyPatch, name: str, environment: str
    ) -> None:
        monkeypatch.setenv("AUTO_APPROVE", "1")

        with pytest.raises(AssertionError, match="the deployment was reached"):
            task_manager(name, *CHANGES[name], f"--env={environment}")


@pytest.mark.parametrize("name", CHANGES)
def test_an_exported_env_is_ignored(
    name: str, account: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "WORK_FOLDER", tmp_path)
    for argument, value in ARGUMENTS.items():
        monkeypatch.setenv(argument, value)

    with pytest.raises(Failure, match="nothing is deployed: run `make up`"):
        task_manager(name, *CHANGES[name])
