"""`make mutants`: what a run that was ended is gone on with."""

import subprocess
from pathlib import Path

import pytest

from scripts.quality import mutants


def test_a_run_goes_on_with_the_same_files_and_begins_anew_with_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, tree, begun = (tmp_path / name for name in ("root", "tree", "begun.txt"))
    for name, path in (("ROOT", root), ("TREE", tree), ("BEGUN", begun)):
        monkeypatch.setattr(mutants, name, path)
    root.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    (root / "code.py").write_text("a = 1\n")
    digest = mutants._copy_tree()
    begun.write_text(digest)
    (tree / "results").touch()

    assert mutants._copy_tree() == digest
    assert (tree / "results").exists()

    (root / "code.py").write_text("a = 2\n")
    assert mutants._copy_tree() != digest
    assert [file.name for file in tree.iterdir()] == ["code.py"]
    assert not begun.exists()
