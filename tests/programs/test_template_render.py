"""Rendering of a template's version: once, where an update asks for it twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.quality import update
from scripts.template import finish, render
from scripts.template.names import Names
from tests.harness.git import commit, git

NAMES = Names("order-desk", "order", "orders")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template's checkout, with one file."""
    folder = tmp_path / "template"
    folder.mkdir()
    git(folder, "init", "--quiet")
    write(folder, "A task")
    return folder


def write(template: Path, text: str) -> None:
    (template / "README.md").write_text(text)
    commit(template, text)


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was formatted, which takes longest."""
    texts: list[str] = []

    def note(stage: Path) -> Iterator[str]:
        texts.append((stage / "README.md").read_text())
        yield from ()

    monkeypatch.setattr(finish, "finish", note)
    return texts


def test_an_update_renders_each_version_once(
    template: Path, tmp_path: Path, finished: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(update.RENDERED, str(tmp_path / "rendered"))

    render.render(template, tmp_path / "before", NAMES)
    write(template, "Another task")
    for copy in ("ours", "pure"):
        render.render(template, tmp_path / copy, NAMES)

    assert finished == ["An order", "Another order"]
    assert {(tmp_path / copy / "README.md").read_text() for copy in ("ours", "pure")} == {"Another order"}


def test_a_new_project_leaves_nothing_of_its_rendering(
    template: Path, tmp_path: Path, finished: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(update.RENDERED, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    for copy in ("one", "two"):
        render.render(template, tmp_path / copy, NAMES)

    assert finished == ["An order"] * 2
    assert not list((tmp_path / "temporary").iterdir())
