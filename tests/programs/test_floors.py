"""Which package may import which: the contracts of `[tool.importlinter]` in pyproject.toml."""

import subprocess

from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT


def test_imports_go_down_only_and_never_in_a_circle() -> None:
    done = subprocess.run(
        [PROJECT_ENVIRONMENT / "bin/lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
