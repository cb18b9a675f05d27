"""The comment with a pull request's plan, written by a stand-in for `gh`; and the address of a preview."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.harness.github_jobs import WORKFLOWS, workflow

MARKER = "<!-- the plan of dev -->"
# Notes its arguments, and looks for comments as the real one does.
GH = """#!/usr/bin/env bash
printf '%s\\0' "$@" >> notes; printf '\\n' >> notes
[ "$2" = --paginate ] || exit 0
exec jq -r "${@: -1}" comments.json
"""


def step(file: str, job: str, name: str) -> dict[str, Any]:
    (found,) = [one for one in workflow(file)["jobs"][job]["steps"] if one.get("name") == name]
    return dict(found)


def program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o700)


def run(script: str, folder: Path, **variables: str) -> None:
    """Run a step's script, as GitHub does where a step names no shell."""
    path = f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    subprocess.run(["bash", "-e", "-c", script], cwd=folder, env={"PATH": path, **variables}, check=True)


def comment(number: int, body: str, login: str = "github-actions[bot]") -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"login": login}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with a plan, and stand-ins for the programs."""
    program(tmp_path / "bin/gh", GH)
    program(tmp_path / ".venv/bin/python", "#!/bin/sh\necho 'A month costs the same.'\n")
    (tmp_path / "plan.txt").write_text("the plan\ndev: 2 to create\n", encoding="utf-8")
    return tmp_path


def comment_on(folder: Path, comments: list[dict[str, Any]]) -> list[str]:
    """Run the step where a pull request has these comments; gives its last call of `gh`."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    (folder / "comments.json").write_text(json.dumps(comments), encoding="utf-8")
    found = step("deploy", "plan", "Comment")
    variables = {"BASE": "main", "NUMBER": "12", "GITHUB_REPOSITORY": "octo-org/tasks"}
    run(found["run"], folder, **variables, MARKER=found["env"]["MARKER"])
    return (folder / "notes").read_text(encoding="utf-8").split("\0\n")[-2].split("\0")


def test_the_first_plan_of_a_pull_request_is_a_new_comment(folder: Path) -> None:
    others = [comment(1, "pr-12 · API: https://a"), comment(2, f"{MARKER} is what I think", "somebody")]

    called = comment_on(folder, others)

    assert called == ["pr", "comment", "12", "--body-file", "comment.md"]


def test_a_later_plan_replaces_the_one_before_and_no_other_comment(folder: Path) -> None:
    others = [comment(1, "a report"), comment(3, f"more about {MARKER}"), comment(4, MARKER, "somebody")]
    before = [comment(2, f"{MARKER}\n### What this changes in dev"), comment(5, f"{MARKER}\nalso ours")]

    called = comment_on(folder, [*others, *before])

    assert "PATCH" in called
    assert "repos/octo-org/tasks/issues/comments/2" in called
    assert called[-1] == "body=@comment.md"


def test_the_comment_begins_with_what_it_is_found_by(folder: Path) -> None:
    comment_on(folder, [])

    lines = (folder / "comment.md").read_text(encoding="utf-8").splitlines()

    assert lines[:3] == [MARKER, "### What this changes in dev", "dev: 2 to create"]
    assert "A month costs the same." in lines


def test_no_workflow_edits_whatever_comment_was_the_last() -> None:
    assert not [file.name for file in WORKFLOWS.glob("*.yml") if "--edit-last" in file.read_text("utf-8")]


def test_a_preview_is_shown_with_its_address(folder: Path) -> None:
    program(folder / "bin/make", "#!/bin/sh\necho 'API: none yet'; echo; echo 'API: https://a.example.com'\n")

    run(step("preview", "deploy", "Deploy")["run"], folder, ENVIRONMENT="pr-12", GITHUB_OUTPUT="output")

    assert (folder / "output").read_text(encoding="utf-8") == "url=https://a.example.com\n"
