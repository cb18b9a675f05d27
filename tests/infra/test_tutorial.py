"""docs/tutorial.md, step by step on a copy of the tree: what it says happens, and the tree is whole then."""

import subprocess
from pathlib import Path

import pytest

from scripts.base.paths import PROJECT_ENVIRONMENT
from services.core.aggregates import AGGREGATES
from tests.harness.tutorial import PAGE, Done, Step, run, steps, write
from tests.harness.working_tree import WorkingTree

STEPS = [step for step in steps(PAGE.read_text(encoding="utf-8")) if not step.slow]

# What the commands of the tutorial make, and what they edit.
NEW = {
    "services/api/add_comment.py", "services/core/add_comment.py", "tests/unit/api/test_add_comment.py",
    "services/core/comment.py", "services/core/comment_events.py", "tests/unit/core/test_comment.py",
    "services/core/comment_asked.py", "tests/unit/core/test_comment_asked.py",
    "services/core/pass_on_question.py", "services/reactions/pass_on_question.py",
    "tests/unit/reactions/test_pass_on_question.py",
    *(f"docs/events/Comment{what}.{kind}.json"
      for what in ("Created", "Updated", "Deleted", "Asked") for kind in ("schema", "sample")),
    *(f"tests/frozen/events/Comment{what}.json" for what in ("Created", "Updated", "Deleted", "Asked")),
    "tests/frozen/comments/created.json",
    "tests/frozen/feed/comment-created.json", "tests/frozen/feed/comment-deleted.json",
}  # fmt: skip
EDITED = {
    "README.md", "docs/api.md", "docs/architecture.md", "docs/asyncapi.json", "docs/costs.md",
    "docs/openapi.json",
    "infra/tables.tf", "services/api/operations.py", "services/composition.py", "services/core/aggregates.py",
    "services/functions.json", "services/settings.py", "scripts/documents/lives.py",
    "scripts/economics/capacity.py", "scripts/economics/charges.py", "tests/harness/fakes/services.py",
    "tests/infra/test_data.py", "tests/unit/adapters/small_dynamodb.py", "tests/unit/test_functions.py",
}  # fmt: skip
# The tests that know every function, event, table and document.
RELATED = (
    "core/test_event_contract.py", "frozen/test_forms.py", "api/test_openapi.py", "scripts/test_asyncapi.py",
    "scripts/test_architecture.py", "scripts/test_cost.py", "test_functions.py",
    "core/test_comment.py", "core/test_comment_asked.py", "api/test_add_comment.py",
    "reactions/test_pass_on_question.py",
)  # fmt: skip

# Who has taken the tutorial, or has another entity, goes on from there.
pytestmark = pytest.mark.skipif(len(AGGREGATES) > 1, reason="this tree has another entity than tasks already")

Taken = list[tuple[Step, Done]]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> WorkingTree:
    return WorkingTree.whole(tmp_path_factory.mktemp("tutorial") / "tree")


@pytest.fixture(scope="module")
def taken(tree: WorkingTree) -> Taken:
    """The steps, and what came of the commands."""
    done = []
    for step in STEPS:
        if step.file:
            write(step, tree.root)
        else:
            done.append((step, run(step.text, tree.root)))
    return done


def in_the_copy(tree: WorkingTree, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROJECT_ENVIRONMENT / "bin" / command[0]), *command[1:]],
        cwd=tree.root,
        capture_output=True,
        text=True,
    )


def test_each_command_ends_as_the_page_says(taken: Taken) -> None:
    assert len([step for step, _ in taken if step.fails]) == 4
    for step, done in taken:
        assert (done.code != 0) == step.fails, f"{step.text}{done.printed}"
        assert not step.fails or ("1 failed" in done.printed and "write the rule in " in done.printed), (
            step.text
        )


def test_the_commands_touch_what_they_promise_and_nothing_else(tree: WorkingTree, taken: Taken) -> None:
    generated = {name for name in tree.changed() if name.startswith("clients/")}

    assert tree.changed().keys() - generated == NEW | EDITED
    assert "clients/python/task_manager_client/api/tasks/add_comment.py" in generated


def test_a_second_time_nothing_changes(tree: WorkingTree, taken: Taken) -> None:
    commands = [step.text for step, _ in taken if step.text.startswith("make add-")]
    before = tree.changed()

    done = run("".join(commands), tree.root)

    assert done.printed.count("already: nothing was changed") == len(commands) == 4, done.printed
    assert tree.changed() == before


def test_the_code_passes_the_linters(tree: WorkingTree, taken: Taken) -> None:
    code = [name for name in tree.changed() if name.endswith(".py") and not name.startswith("clients/")]
    typed = [name for name in code if name.startswith(("services/", "scripts/"))]

    for command in (
        ["ruff", "check", "--quiet", *code],
        ["ruff", "format", "--check", *code],
        ["mypy", *typed],
    ):
        done = in_the_copy(tree, *command)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_that_know_every_part_pass(tree: WorkingTree, taken: Taken) -> None:
    """Those of the rules, too, which failed before the rules were written."""
    files = " ".join(f"tests/unit/{file}" for file in RELATED)

    done = run(f".venv/bin/python -m pytest -q --hypothesis-profile=brief {files}\n", tree.root)

    assert done.code == 0, done.printed


def test_a_shell_command_that_fails_is_seen(tmp_path: Path) -> None:
    assert run("false\ntrue\n", tmp_path).code == 1
