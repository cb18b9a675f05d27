"""`make clean`: stop the cloud and remove what was built, fetched and cached."""

import os
import shutil
from pathlib import Path

from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT, STATES, WORK_FOLDER
from scripts.deployments import down

CACHES = (".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache")


def clean() -> None:
    """Leave the folder as a fresh clone would be, but for changes to its files."""
    down.down()
    states = WORK_FOLDER / STATES.name
    mine = [path for path in WORK_FOLDER.glob("*") if path != states]
    for path in (ROOT / "build", *(ROOT / name for name in CACHES), *mine, PROJECT_ENVIRONMENT):
        _remove(path)
    if states.exists():
        print(f"Kept what `make save` has saved; to remove that, too: rm -r {os.path.relpath(states)}")
    else:
        shutil.rmtree(WORK_FOLDER, ignore_errors=True)
    for folder in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(folder, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
