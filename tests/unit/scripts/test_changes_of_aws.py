"""Commands that change AWS ask first, and take no argument from the environment."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.deployments import record, target
from scripts.deployments.aws.account import Account
from tests.harness.command_line import task_manager
from tests.programs.test_arguments import ARGUMENTS

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
