"""What `make new` refuses before it writes anything."""

import subprocess
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.template.collisions import require_free
from scripts.template.names import Names
from scripts.template.new import _begin_history
from tests.harness.command_line import task_manager
from tests.harness.git import git
from tests.harness.permissions import forbid_reading


def new(into: str) -> int:
    return task_manager("new", "--name=parcel-tracker", "--entity=parcel", f"--into={into}")


@pytest.mark.parametrize(
    ("into", "refusal"),
    [
        ("", "INTO: name the folder to write"),
        (str(ROOT / "parcels"), f"INTO: {ROOT / 'parcels'} is inside the template"),
        ("missing/parcels", "is no folder: make it first"),
        ("full", "is not empty: name another folder, or empty it"),
        ("file", "is no folder: name another"),
    ],
)
def test_a_folder_that_cannot_be_written_is_refused(
    into: str, refusal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/of.txt").touch()
    (tmp_path / "file").touch()

    with pytest.raises(Failure) as raised:
        new(into)

    assert refusal in str(raised.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "of.txt"]


@pytest.mark.parametrize(
    ("into", "refusal"),
    [
        ("~nobody-of-this-name/parcels", "has no home folder behind its ~: name it in full"),
        ("locked/parcels", "locked/parcels may not be read: name another folder"),
    ],
)
def test_a_folder_of_another_user_is_refused(
    into: str, refusal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "locked").mkdir()
    forbid_reading(monkeypatch, tmp_path / "locked")

    with pytest.raises(Failure) as raised:
        new(into)

    assert refusal in str(raised.value)


def test_a_program_of_the_environment_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"NAME: 'pytest' is a program in \.venv/bin"):
        task_manager("new", "--name=pytest", "--entity=parcel", f"--into={tmp_path / 'new'}")


PAGE = """// A harbour has it.
import { notice } from "./elements.js";
/** @param {Task} task */
export const place = (task) => `/ships/${task.berth}/${notice("a crane")}`;
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "services").mkdir()
    (tmp_path / "services/task.py").write_text("def of(task, user): ...\n", encoding="utf-8")
    (tmp_path / "services/crate.py").touch()
    (tmp_path / "services/console").mkdir()
    (tmp_path / "services/console/page.js").write_text(PAGE, encoding="utf-8")
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "argument", "file"),
    [
        (Names("a-name", "user", "users"), "ENTITY: 'user'", "services/task.py"),
        (Names("a-name", "usual", "user"), "PLURAL: 'user'", "services/task.py"),
        (Names("a-name", "crate", "crates"), "ENTITY: 'crate'", "services/crate.py"),
        (Names("a-name", "notice", "notices"), "ENTITY: 'notice'", "services/console/page.js"),
        (Names("a-name", "pier", "berth"), "PLURAL: 'berth'", "services/console/page.js"),
    ],
)
def test_a_word_that_means_something_else_is_refused_with_its_place(
    names: Names, argument: str, file: str, template: Path
) -> None:
    with pytest.raises(Failure) as raised:
        require_free(names, template)

    assert str(raised.value) == f"{argument} means something else here, see {file}: choose another word"


@pytest.mark.parametrize(
    ("entity", "plural"), [("parcel", "parcels"), ("ship", "ships"), ("crane", "harbour")]
)
def test_a_word_that_is_free_is_taken(entity: str, plural: str, template: Path) -> None:
    require_free(Names("a-name", entity, plural), template)


def test_the_first_commit_has_what_the_user_ignores_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ignored").write_text("*.lock\n")
    (tmp_path / "config").write_text(
        f"[core]\nexcludesFile = {tmp_path / 'ignored'}\n[user]\nname = test\nemail = test@example.com\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / ".gitignore").write_text("*.tfstate\n")
    for name in ("provider.lock", "local.tfstate"):
        (stage / name).touch()

    _begin_history(stage, Names("a-name", "parcel", "parcels"))

    assert git(stage, "ls-files").split() == [".gitignore", "provider.lock"]
