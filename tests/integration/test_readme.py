"""The lines of README.md and docs/api.md, and those that `make up` prints, can be pasted and work."""

import re
import shutil
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from scripts.deployments import up
from tests.harness.paste import paste
from tests.harness.stack import DeployedStack
from tests.integration.conftest import LACKS

PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/api.md")}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

# The statuses of the README's first calls, in order.
ANSWERS = [201, 200, 304, 200, 200, 200, 204]
# Sections whose lines work on a stack that is up.
ON_A_STACK = (
    ("README.md", "First calls"),
    *(
        ("docs/api.md", title)
        for title in (
            "Events",
            "Following a request",
            "Approval",
            "One function",
            "Test data",
            *([] if "iam_enforcement" in LACKS else ["Faults"]),
            "SDKs and the AWS CLI",
        )
    ),
)


def section(page: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?:^## |\Z)", PAGES[page], re.MULTILINE | re.DOTALL)
    assert found, (page, title)
    return found[1]


def lines_of(text: str) -> list[str]:
    """The lines of the shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@needs_curl
def test_the_documented_lines_work_in_their_order(
    stack: DeployedStack, cloud_folder: Path, tmp_path: Path
) -> None:
    lines = ["make demo", *(line for place in ON_A_STACK for line in lines_of(section(*place)))]
    if shutil.which("aws") is None:
        lines = [line for line in lines if not line.startswith("aws ")]

    pasted = paste(lines, cloud_folder, tmp_path)

    assert pasted.failed == [], pasted.printed
    assert pasted.statuses == [*ANSWERS, 201], pasted.printed
    for part in (
        "⚡ TaskCompleted after",
        '"title":"Water the plants"',
        "Following",
        "No dead letters.",
        "create-task  POST /tasks  201",
        "Renew the certificate",
        "Recorded: approve version 1, by",
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
def test_the_printed_lines_work_with_a_dead_proxy(
    stack: DeployedStack, cloud_folder: Path, tmp_path: Path
) -> None:
    lines = ["export http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9"]
    lines += up.try_it(stack.api_url, wants_token=False, proxied=True)

    assert paste(lines, cloud_folder, tmp_path).statuses == [201, 200, 200]
