"""GitHub Actions workflows: they pass zizmor and GitHub's schema, are pinned, and call what exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.base.paths import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def run(*command: str) -> str:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    told = run("zizmor", "--persona=pedantic", "--offline", "--no-progress", "--color=never", str(GITHUB))
    assert "No findings to report" in told
    assert all(f"completed {file.relative_to(ROOT)}" in told.replace(f"{ROOT}/", "") for file in WORKFLOWS)


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [GITHUB / "dependabot.yml"])],
    ids=["workflows", "dependabot"],
)
def test_files_fit_their_schema(schema: str, files: list[Path]) -> None:
    run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(file: Path) -> None:
    used = re.findall(r"uses: (.+)", file.read_text(encoding="utf-8"))

    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_each_action_is_pinned_to_one_commit() -> None:
    pins = {pin for file in WORKFLOWS for pin in re.findall(r"uses: (.+)", file.read_text(encoding="utf-8"))}
    names = [pin.partition("@")[0] for pin in pins]
    assert len(names) == len(set(names)), sorted(pins)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_make_targets_and_scripts_exist(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    matrix = re.findall(r"what: \[([a-z, -]+)\]", text)
    called = {*re.findall(r"\bmake ([a-z][a-z-]*)", text), *(n for row in matrix for n in row.split(", "))}

    assert called
    assert called <= known
    for module in re.findall(r"-m (scripts[.\w]+)", text):
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), module


def test_a_deployment_gets_short_lived_credentials_only() -> None:
    for file in WORKFLOWS:
        text = file.read_text(encoding="utf-8")
        assert "aws-access-key-id" not in text
        assert text.count("role-to-assume") == 0 or "id-token: write" in text
