"""What a change costs is said in a line, compared with what the other revision computes of itself."""

import json
import shutil
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.economics import change
from scripts.economics.change import SHOWN, SOURCES
from tests.harness.git import git

PRICES = Path("scripts/economics/prices.json")


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, in whose revision `dearer` an alarm costs a dollar more."""
    folder = tmp_path_factory.mktemp("revisions")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".terraform*")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    git(folder, "init", "--quiet")
    for revision, more in (("as-today", 0.0), ("dearer", 1.0)):
        prices = json.loads((ROOT / PRICES).read_text("utf-8"))
        prices["prices"]["alarm_month"]["usd"] += more
        (folder / PRICES).write_text(json.dumps(prices), "utf-8")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", revision)
        git(folder, "tag", revision)
    (folder / "scripts/economics/change.py").unlink()
    git(folder, "commit", "--quiet", "--all", "--message=without")
    git(folder, "tag", "without-figures")
    return folder


@pytest.fixture(autouse=True)
def in_the_copy(revisions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "ROOT", revisions)


def test_nothing_changed_is_said(revisions: Path) -> None:
    assert change.change("as-today").count("unchanged") == len(SHOWN)


def test_the_difference_is_computed_with_the_revisions_own_prices(revisions: Path) -> None:
    full = change.change("dearer")

    assert "unchanged" not in full
    # Fewer alarms, less of a difference.
    assert full != change.change("dearer", "lean")
    assert "(-$" in full


def test_a_revision_that_computes_none_is_named() -> None:
    assert change.change("without-figures").endswith("without-figures computes no such figures.")


def test_an_unknown_revision_is_a_failure() -> None:
    with pytest.raises(Failure, match="nothing-here cannot be read"):
        change.change("nothing-here")
