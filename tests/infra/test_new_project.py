"""`make new` and `make update`: a project from a commit of this tree, and a later version taken over."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from scripts.documents.clients.python import generator
from scripts.documents.clients.typescript import tools as generator_of_types
from scripts.quality import javascript
from scripts.template.finish import CODE
from scripts.template.names import Names
from scripts.template.rename import Renamer, is_template_only
from scripts.template.render import tracked_files
from tests.harness.git import commit, git
from tests.harness.working_tree import WorkingTree

NAMES = Names("order-desk", "order", "orders")
AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "Ada", "EMAIL": "ada@example.com"}.items()
}
# Of the unit tests: the model with its forms, the contracts, the map.
SOME_TESTS = (
    "tests/unit/core", "tests/unit/frozen/test_forms.py", "tests/unit/api/test_openapi.py",
    "tests/unit/scripts/test_architecture.py", "tests/unit/test_functions.py", "tests/unit/test_order.py",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A project and the template that it was made from: folders that are Git repositories."""

    project: Path
    template: Path
    printed: str


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, cwd=folder, env={**kept, **AUTHOR}, capture_output=True, text=True)


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m scripts …` in the folder."""
    return run(folder, str(folder / ".venv/bin/python"), "-m", "scripts", *words)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def tools() -> None:
    """What formats and generates, which projects borrow; each would fetch its own if there is none."""
    javascript.tools()
    generator()
    generator_of_types()


@pytest.fixture(scope="module")
def made(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("a folder")
    template = WorkingTree.whole(folder / "template").root
    git(template, "init", "--quiet", "--initial-branch", "main")
    commit(template, "The template")
    git(template, "checkout", "--quiet", "--detach")  # as CI does
    arguments = [f"--name={NAMES.name}", f"--entity={NAMES.entity}"]
    done = command(template, "new", *arguments, "--into=../order desk")
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "order desk/.venv").symlink_to((ROOT / ".venv").resolve())
    return Made(folder / "order desk", template, done.stdout + done.stderr)


def test_it_says_where_the_project_is_and_what_to_do_there(made: Made) -> None:
    assert f"{NAMES.name} is in {made.project}:" in made.printed
    assert "make up" in made.printed
    assert "docs/adapting.md" in made.printed
    assert "failed" not in made.printed
    assert not list(made.project.parent.glob(".*"))  # nothing half-made


def test_the_project_begins_with_one_commit_of_everything(made: Made) -> None:
    assert git(made.project, "log", "--format=%an %s") == (
        f"Ada {NAMES.name}, made from a template: see .copier-answers.yml"
    )
    assert not git(made.project, "status", "--porcelain")


def test_no_file_has_a_word_of_the_template(made: Made) -> None:
    renamer = Renamer(NAMES)

    left = [
        f"{path}: {line}"
        for path in tracked_files(made.project)
        for line in (*renamer.left_over(path, path), *renamer.left_over(text(made.project / path), path))
        if path != ".copier-answers.yml"
    ]

    assert left == []


def text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture
        return ""


def test_names_of_other_peoples_code_stay() -> None:
    """A name that is used here and made nowhere is a library's or AWS's."""
    made, used = set(OUR_KEYS), set()
    for path in tracked_files(ROOT):
        if path.endswith(".py") and not path.startswith("scripts/template/"):
            tree = ast.parse(text(ROOT / path))
            made |= {Path(path).stem, *names_made_in(tree)}
            used |= {(name, path) for name in names_used_in(tree) if "task" in name.lower()}

    theirs = {(name, path) for name, path in used if name not in made}

    assert {name for name, _ in theirs} >= {"send_task_success", "add_task", "_execute_task"}
    assert not [name for name, path in theirs if not is_kept(name, path)]


OUR_KEYS = {"taskId"}  # of events, as the arguments of a dict


def names_made_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def names_used_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Load()) | ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name):
                yield name.rpartition(".")[2]


def is_kept(name: str, path: str) -> bool:
    """Whether each line of the file that has the name keeps it."""
    lines = [line for line in text(ROOT / path).splitlines() if re.search(rf"\b{name}\b", line)]
    return all(name in Renamer(NAMES).text(line, path) for line in lines)


def test_the_project_has_every_file_but_those_of_the_template_alone(made: Made) -> None:
    renamer, ours = Renamer(NAMES), tracked_files(made.template)

    wanted = {renamer.path(path) for path in ours if not is_template_only(path)}

    assert set(tracked_files(made.project)) == wanted | {".copier-answers.yml"}
    assert not any(is_template_only(path) for path in tracked_files(made.project))


def test_its_code_is_formatted_and_keeps_its_layers(made: Made) -> None:
    for words in (["ruff", "check", *CODE], ["ruff", "format", "--check", *CODE], ["lint-imports"]):
        done = run(made.project, str(made.project / ".venv/bin" / words[0]), *words[1:])
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_latest_version_is_not_taken_over_again(made: Made) -> None:
    done = command(made.project, "update")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "nothing has changed: the project has the template's latest version\n"
    assert not git(made.project, "status", "--porcelain")


def test_a_later_version_is_taken_over_beside_own_changes(made: Made) -> None:
    edit(made.project / "services/core/order.py", "class Order(", "OURS = 1\n\n\nclass Order(")
    edit(made.project / "README.md", "# Order desk\n", "# Order desk of ours\n")
    commit(made.project, "A change of one's own")
    edit(made.template / "SECURITY.md", "# Security\n", "# Security of every task\n")
    (made.template / "docs/later.md").write_text("# A task that came later\n", encoding="utf-8")
    commit(made.template, "A later version")
    later = git(made.template, "rev-parse", "HEAD")

    done = command(made.project, "update", f"--to={later}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "docs/later.md" in done.stdout
    assert "Both sides" not in done.stdout
    assert (made.project / "docs/later.md").read_text(encoding="utf-8") == "# An order that came later\n"
    assert "# Security of every order\n" in (made.project / "SECURITY.md").read_text(encoding="utf-8")
    assert "OURS = 1" in (made.project / "services/core/order.py").read_text(encoding="utf-8")
    assert "# Order desk of ours\n" in (made.project / "README.md").read_text(encoding="utf-8")
    changed = {line[3:] for line in git(made.project, "status", "--porcelain").splitlines()}
    assert changed == {".copier-answers.yml", "SECURITY.md", "docs/later.md"}


def test_its_own_tests_pass(made: Made) -> None:
    brief = "--hypothesis-profile=brief"  # the laws are those that are tried here
    done = run(made.project, sys.executable, "-m", "pytest", "-q", "-n", "0", brief, *SOME_TESTS)

    assert done.returncode == 0, done.stdout + done.stderr
