"""`make reset` asks before it deletes tasks."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import reset
from tests.harness.command_line import task_manager


class Terminal(io.StringIO):
    """A terminal at which somebody can answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def emptied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Target]:
    """The targets that were emptied, of a cloud that holds three tasks."""
    found: list[Target] = []
    monkeypatch.delenv("AUTO_APPROVE", raising=False)
    monkeypatch.setattr(reset, "chosen_target", lambda: Target({}, lambda _: None))
    monkeypatch.setattr(reset, "number_of_tasks", lambda _: 3)
    monkeypatch.setattr(reset, "empty", found.append)
    monkeypatch.setattr(reset, "RECORD", tmp_path / "decisions.jsonl")
    return found


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda _: text)


def test_tasks_are_kept_without_a_terminal(emptied: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("reset"))

    with pytest.raises(Failure, match="this deletes tasks and there is no terminal"):
        task_manager("reset")
    assert emptied == []


def test_tasks_are_kept_on_another_answer(emptied: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "yes")

    with pytest.raises(Failure, match="nothing was changed"):
        task_manager("reset")
    assert emptied == []


def test_tasks_are_deleted_on_the_word(
    emptied: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "reset")

    task_manager("reset")

    assert len(emptied) == 1
    assert "Emptied: 3 tasks" in capsys.readouterr().out


def test_an_empty_cloud_is_reset_without_a_question(
    emptied: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reset, "number_of_tasks", lambda _: 0)

    task_manager("reset")

    assert len(emptied) == 1


def test_the_record_of_used_rights_begins_anew(emptied: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "number_of_tasks", lambda _: 0)
    reset.RECORD.write_text("{}\n")

    task_manager("reset")

    assert not reset.RECORD.exists()
