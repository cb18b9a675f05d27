"""`make clean`: stop the cloud and remove what was built, fetched and cached."""

import shutil

from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT, WORK_FOLDER
from scripts.deployments import down

CACHES = (".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache")


def clean() -> None:
    """Leave the folder as a fresh clone would be, but for changes to its files."""
    down.down()
    for folder in (ROOT / "build", *(ROOT / name for name in CACHES), WORK_FOLDER, PROJECT_ENVIRONMENT):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(folder, ignore_errors=True)
