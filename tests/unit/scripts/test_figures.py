"""Computed parts of documents, and the documents that a project has rewritten without a place for them."""

import subprocess
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.documents import everything, figures, variables
from scripts.documents.figures import BEGIN, END, written
from scripts.scaffolding import report
from scripts.scaffolding.changes import Changes
from scripts.scaffolding.report import Added

PLACE = f"{BEGIN.format('overview')}\nold\n{END}\n"
TABLES = {"overview": lambda: "new"}
ADDED = Added("get_age answers GET /age", "rule.py", "test.py", "make unit")
LACKS_ITS_PLACE = (
    "README.md has no place for its part 'overview': put back the line <!-- computed: overview -->"
)


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The last of two documents with a computed part: a page of the project's own, without a place for it."""
    first, last = tmp_path / "first.md", tmp_path / "README.md"
    first.write_text(PLACE)
    last.write_text("# Our own words\n")
    monkeypatch.setattr(everything, "WITH_FIGURES", ((first, TABLES), (last, TABLES)))
    monkeypatch.setattr(variables, "write", lambda: None)
    return last


@pytest.mark.parametrize(
    "text",
    ["# A page", BEGIN.format("overview"), f"{END}\n{BEGIN.format('overview')}", END],
    ids=["neither", "no end", "end before", "no beginning"],
)
def test_a_document_without_both_comments_is_refused_with_their_names(text: str) -> None:
    with pytest.raises(Failure) as raised:
        written(text, TABLES, "docs/a.md")

    assert str(raised.value).startswith("docs/a.md has no place for its part 'overview'")
    assert "<!-- computed: overview -->" in str(raised.value)
    assert END in str(raised.value)


def test_only_the_computed_part_is_replaced() -> None:
    assert written(f"before\n{PLACE}after\n", TABLES) == f"before\n{PLACE}after\n".replace("old", "new")


def test_a_document_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"/a\.md is missing, a part of which is computed: bring it back"):
        figures.write(tmp_path / "a.md", TABLES)


def test_no_document_is_written_while_one_has_no_place_for_its_part(readme: Path) -> None:
    with pytest.raises(Failure, match=LACKS_ITS_PLACE):
        everything.write_figures()

    assert (readme.parent / "first.md").read_text() == PLACE


def test_once_the_comments_are_back_all_documents_are_written(
    readme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    with pytest.raises(Failure, match="and run the command again"):
        everything.write_figures()

    # when
    readme.write_text(f"# Our own words\n{PLACE}")
    everything.write_figures()

    # then
    assert readme.read_text() == f"# Our own words\n{PLACE}".replace("old", "new")
    assert (readme.parent / "first.md").read_text() == PLACE.replace("old", "new")


def test_nothing_is_added_while_a_document_has_no_place_for_its_part(
    readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    commands: list[str] = []
    monkeypatch.setattr(report, "_run", lambda command, *_: commands.append(command[-1]))
    changes = Changes(tmp_path)
    changes.create("rule.py", "json.txt", text="text")

    # when
    with pytest.raises(Failure, match=LACKS_ITS_PLACE):
        report.add(changes, ADDED)

    # then
    assert not (tmp_path / "rule.py").exists()
    assert commands == []

    # when
    readme.write_text(PLACE)
    report.add(changes, ADDED)

    # then
    assert (tmp_path / "rule.py").exists()
    assert commands[-1] == "scripts.documents.everything"


def test_documents_that_fail_after_the_code_was_written_name_how_to_write_them(
    tmp_path: Path, readme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    readme.write_text(PLACE)
    monkeypatch.setattr(subprocess, "run", _fails_at_the_documents)

    # when
    with pytest.raises(Failure) as raised:
        report.add(Changes(tmp_path), ADDED)

    # then
    assert "`make openapi docs clients` writes the documents\nerror: no room" in str(raised.value)


def _fails_at_the_documents(command: list[str], **_: object) -> object:
    code = int(command[-1] == "scripts.documents.everything")
    return subprocess.CompletedProcess(command, code, "", "error: no room\n")
