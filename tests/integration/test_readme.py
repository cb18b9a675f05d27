"""The README's lines, and those that `make up` prints, do what they say when they are pasted."""

import re
import shutil
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from scripts.deployments import up
from tests.integration.conftest import DeployedStack
from tests.integration.paste import paste

README = (ROOT / "README.md").read_text(encoding="utf-8")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

# What each call of the API by example is answered with, in the README's order.
ANSWERS = [201, 200, 304, 200, 200, 200, 204]
# Sections whose lines work on a stack that is up.
ON_A_STACK = ("The API by example", "Events", "See it run", "Approval", "On the command line and in programs")


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}$(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def lines_of(text: str) -> list[str]:
    """The lines of the shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@needs_curl
def test_the_lines_work_in_the_order_they_are_pasted_in(
    stack: DeployedStack, cloud_folder: Path, tmp_path: Path
) -> None:
    lines = [line for title in ON_A_STACK for line in lines_of(section(title))]
    if shutil.which("aws") is None:
        lines = [line for line in lines if not line.startswith("aws ")]

    pasted = paste(lines, cloud_folder, tmp_path)

    assert pasted.failed == [], pasted.printed
    assert pasted.statuses == [*ANSWERS, 201], pasted.printed
    for part in (
        '"title":"Water the plants"',
        "⚡ TaskCompleted after",
        "Following",
        "No dead letters.",
        "create-task  POST /tasks  201",
        "Renew the certificate",
        "Written: approve of version 1 by",
        stack.outputs["table_names"]["tasks"],
    ):
        assert part in pasted.printed


@needs_curl
def test_the_lines_that_make_up_prints_work(stack: DeployedStack, cloud_folder: Path, tmp_path: Path) -> None:
    lines = up.try_it(stack.api_url, wants_token=False, proxied=False)

    pasted = paste(lines, cloud_folder, tmp_path)

    assert (pasted.failed, pasted.statuses) == ([], [201, 200, 200]), pasted.printed
    assert '"status":"in_progress"' in pasted.printed


@needs_curl
def test_they_work_beside_a_dead_proxy(stack: DeployedStack, cloud_folder: Path, tmp_path: Path) -> None:
    lines = ["export http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9"]
    lines += up.try_it(stack.api_url, wants_token=False, proxied=True)

    assert paste(lines, cloud_folder, tmp_path).statuses == [201, 200, 200]
