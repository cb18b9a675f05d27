"""Times of day on both consoles' pages, which Node.js formats as a browser does."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.base.node import node_commands
from scripts.quality.javascript import FOLDERS
from tests.harness.fetching import skipped_without

MIDNIGHT = "2026-01-31T00:05:07.089Z"
AMERICAN = {"LC_ALL": "en_US.UTF-8", "TZ": "UTC"}
SCRIPT = "import('./elements.mjs').then((found) => console.log(JSON.stringify([{}])))"


@pytest.mark.parametrize(
    ("page", "calls", "shown"),
    [
        ("console", ["clock"], ["00:05:07"]),
        ("static", ["clock", "dated"], ["00:05:07.089", "1/31/2026, 00:05:07"]),
    ],
)
def test_the_hour_after_midnight_is_the_hour_zero(
    tmp_path: Path, page: str, calls: list[str], shown: list[str]
) -> None:
    with skipped_without("Node.js"):
        node, _ = node_commands()
    (folder,) = (folder for folder in FOLDERS if folder.name == page)
    (tmp_path / "elements.mjs").write_bytes((folder / "elements.js").read_bytes())
    script = SCRIPT.replace("{}", ", ".join(f"found.{call}('{MIDNIGHT}')" for call in calls))

    done = subprocess.run(
        [*node, "-e", script], cwd=tmp_path, env=AMERICAN, capture_output=True, check=True, text=True
    )

    assert json.loads(done.stdout) == shown
