"""`make update`: what it says where the template cannot be had, and what the template's program gets."""

from pathlib import Path

import copier
import pytest

from scripts.base.failure import Failure
from scripts.quality import update
from tests.harness.git import commit, git


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template, with one version."""
    folder = tmp_path / "template"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "copier.yml").write_text("{}")
    commit(folder, "first")
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was made from it."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    monkeypatch.setattr(update, "ROOT", folder)
    monkeypatch.setattr(update, "ANSWERS", folder / ".copier-answers.yml")
    made_from(folder, str(template), git(template, "rev-parse", "HEAD"))
    return folder


def made_from(project: Path, template: str, version: str) -> None:
    (project / ".copier-answers.yml").write_text(f"_src_path: {template}\n_commit: '{version}'\n")
    commit(project, "made")


def test_an_unknown_version_is_named(project: Path) -> None:
    with pytest.raises(Failure, match="Unknown revision: 'nix': TO= names another version of the template"):
        update.update("nix")


def test_a_template_that_cannot_be_reached_is_told_with_what_git_says(project: Path, tmp_path: Path) -> None:
    made_from(project, f"git+file://{tmp_path}/moved", "0" * 40)

    with pytest.raises(Failure) as raised:
        update.update("nix")

    said = str(raised.value)
    assert said.startswith("git could not get the template (fatal: ")
    assert "see that _src_path in .copier-answers.yml can be reached" in said
    assert "\n" not in said


def test_the_program_that_renders_gets_one_folder_for_what_it_makes(template: Path, tmp_path: Path) -> None:
    (template / "copier.yml").write_text(f'_tasks: ["printenv {update.RENDERED} > told"]\n')
    commit(template, "a program that renders")

    with update._rendered_once():
        for copy in ("ours", "pure"):
            (tmp_path / copy).mkdir()
            copier.run_copy(str(template), tmp_path / copy, unsafe=True, quiet=True)

    ours, pure = ((tmp_path / copy / "told").read_text().strip() for copy in ("ours", "pure"))
    assert ours == pure
    assert Path(ours).name.startswith("rendered-")
    assert not Path(ours).exists()
