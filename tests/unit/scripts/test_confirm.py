"""Questions on the terminal: only the right answer is a yes, and Ctrl-D is a no."""

from io import StringIO

import pytest
import typer

from scripts.base.command import run_words
from scripts.base.confirm import confirm
from scripts.base.failure import Failure
from scripts.deployments import up


class Terminal(StringIO):
    """A terminal on which this was typed, and then Ctrl-D."""

    def isatty(self) -> bool:
        return True


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(text))
    monkeypatch.delenv("AUTO_APPROVE", raising=False)


def test_the_answer_that_is_asked_for_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(" prod \n", monkeypatch)
    confirm("Destroys everything.", "prod")


@pytest.mark.parametrize("text", ["", "yes\n", "\n"], ids=["Ctrl-D", "another answer", "no answer"])
def test_anything_else_changes_nothing_and_says_so(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(text, monkeypatch)
    app = typer.Typer()
    app.command()(lambda: confirm("Destroys everything.", "prod"))

    with pytest.raises(Failure, match=r"^nothing was changed$"):
        run_words(app, "destroy", [])


@pytest.mark.parametrize(("text", "may"), [("y\n", True), ("n\n", False), ("", False)])
def test_tasks_of_a_broken_cloud_are_discarded_only_after_a_yes(
    text: str, may: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(text, monkeypatch)
    assert up._may_discard() is may
