"""Of `make plan`, `deploy` and `destroy` one runs at a time: the package and the plan have one place each."""

from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.locks import alone
from scripts.deployments import deploy
from scripts.deployments.aws.account import Account
from tests.harness.command_line import task_manager


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The lock of the package for AWS, where there is an account with a bucket for the states."""
    monkeypatch.setattr(deploy, "AWS_PACKAGE", tmp_path)
    monkeypatch.setattr(deploy, "current_account", lambda: Account("123456789012", "eu-central-1", print))
    monkeypatch.setattr(deploy, "state_bucket_is_there", lambda _account: True)
    return tmp_path / "deploy.lock"


@pytest.mark.parametrize("command", ["plan", "deploy", "destroy"])
def test_no_other_command_replaces_the_package_or_the_plan_until_the_end(
    command: str, monkeypatch: pytest.MonkeyPatch, lock: Path
) -> None:
    went_through: list[str] = []

    def require_lock(step: str) -> None:
        holder = f"`make {command} ENV=dev` is running: wait"
        with pytest.raises(Failure, match=holder), alone(lock, "another"):
            pass
        went_through.append(step)

    class Delivered:
        """A delivery that another command disturbs at every step."""

        account_id = "123456789012"

        def plan(self, **_: Any) -> list[str]:
            require_lock("plan")
            return ["a change"]

        def deploy(self, **_: Any) -> str:
            require_lock("apply")
            return "https://tasks.example.com"

        def destroy(self, **_: Any) -> None:
            require_lock("apply")

    monkeypatch.setattr(deploy, "build_package", lambda *_: require_lock("package"))
    monkeypatch.setattr(deploy, "confirm", lambda *_: require_lock("question"))
    monkeypatch.setattr(deploy, "Delivery", lambda *_: Delivered())

    task_manager(command, "--env=dev")

    assert (
        went_through
        == {
            "plan": ["package", "plan"],
            "deploy": ["package", "plan", "question", "apply"],
            "destroy": ["package", "question", "apply"],
        }[command]
    )
    with alone(lock, "the next"):
        pass


def test_second_command_fails_at_once_and_names_the_first(
    monkeypatch: pytest.MonkeyPatch, lock: Path
) -> None:
    monkeypatch.setattr(deploy, "build_package", lambda *_: pytest.fail("it replaced the package"))

    with (
        alone(lock, "`make deploy ENV=prod`"),
        pytest.raises(Failure, match="`make deploy ENV=prod` is running: wait until it is done"),
    ):
        task_manager("plan", "--env=dev")
