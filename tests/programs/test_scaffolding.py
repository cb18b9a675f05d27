"""Every part that `make add-…` can write, in one tree: all checks pass there, but for the rules' tests."""

import re
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from tests.harness.tutorial import run
from tests.harness.working_tree import WorkingTree

COMMANDS = """
make add-table ENTITY=comment
make add-endpoint NAME=add_comment ROUTE="POST /tasks/{taskId}/comments"
make add-endpoint NAME=list_comments ROUTE="GET /tasks/{taskId}/comments"
make add-endpoint NAME=get_task_age ROUTE="GET /tasks/{taskId}/age"
make add-endpoint NAME=snooze_task ROUTE="POST /tasks/{taskId}/snooze"
make add-event EVENT=CommentAsked
make add-event EVENT=TaskReopened
make add-reaction NAME=pass_on_question EVENT=CommentAsked
make add-reaction NAME=congratulate EVENT=TaskCompleted
"""
SUITES = ".venv/bin/python -m pytest -q -n logical --dist loadfile tests/unit tests/programs tests/infra\n"


@pytest.mark.thorough
@pytest.mark.timeout(3600)
def test_all_suites_pass_with_a_part_of_each_kind_but_for_the_rules(tmp_path: Path) -> None:
    tree = WorkingTree.whole(tmp_path / "tree")
    (tree.root / ".local").symlink_to(ROOT / ".local")  # Terraform's providers
    added = run(COMMANDS, tree.root)
    promised = set(re.findall(r"-m pytest (\S+)", added.printed))

    linted = run("make lint\n", tree.root, seconds=1200)
    tested = run(SUITES, tree.root, seconds=3000)

    assert (added.code, len(promised)) == (0, 9), added.printed
    assert linted.code == 0, linted.printed
    assert set(re.findall(r"^(?:FAILED|ERROR) (\S+)", tested.printed, re.MULTILINE)) == promised
