"""The installed `task-manager` as a program: its help, its words, its completion, and what it imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from scripts.__main__ import application
from scripts.base.paths import ROOT
from scripts.terraform import prepare


def test_url_imports_neither_boto3_nor_terraforms_modules() -> None:
    listing = (
        "import sys; from scripts.clouds import choice; from scripts.deployments import show;"
        "from scripts.__main__ import application; application();"
        "print(*(name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore')"
        " or name.startswith(('scripts.terraform', 'scripts.operators'))))"
    )

    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`task-manager` in a checkout whose path has a space; its folders are links to this one's."""
    binaries = tmp_path / "a house" / ".venv/bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    for name in ("scripts", "services", "Makefile"):
        (tmp_path / "a house" / name).symlink_to(ROOT / name)
    monkeypatch.setattr(prepare, "LAUNCHER", binaries / "task-manager")
    prepare.install_launcher()
    return binaries / "task-manager"


def launched(launcher: Path, folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    packages = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    surroundings = {**os.environ, "PYTHONPATH": packages, **more}
    return subprocess.run([launcher, *words], cwd=folder, env=surroundings, capture_output=True, text=True)


def test_task_manager_runs_from_any_folder_and_without_words_shows_the_help(
    launcher: Path, tmp_path: Path
) -> None:
    commands = vars(get_command(application()))["commands"]

    done = launched(launcher, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: task-manager ")
    assert [name for name in commands if f"  {name} " not in done.stdout] == []


def test_task_manager_hands_its_words_on_unchanged(launcher: Path, tmp_path: Path) -> None:
    done = launched(launcher, tmp_path, "replay", "--from=two words")

    assert done.returncode == 2
    assert "'two words' is not a time" in done.stderr


def test_the_shell_completes_commands_and_options(launcher: Path, tmp_path: Path) -> None:
    def completed(line: str, at: int) -> list[str]:
        asked = {"_TASK_MANAGER_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(at)}
        return launched(launcher, tmp_path, **asked).stdout.split()

    assert completed("task-manager dead", 1) == ["dead-letters"]
    assert completed("task-manager up --cl", 2) == ["--cloud"]
    assert "--install-completion" in launched(launcher, tmp_path, "--help").stdout
