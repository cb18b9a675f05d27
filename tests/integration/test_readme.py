"""The README's example of the API does what it says, on whichever cloud."""

import json
import os
import re
import shutil
import subprocess

import pytest

from scripts.environment import ROOT
from tests.integration.conftest import DeployedStack

# What each line is answered with, in the README's order.
ANSWERS = [201, 200, 304, 200, 200, 200, 204]

TOLD_APART = 'curl() { command curl --silent --show-error --write-out "\\n%{http_code}" "$@"; }'


def examples() -> list[str]:
    """The lines of the section that call the API."""
    section = re.search(r"^## The API by example$(.*?)^## ", (ROOT / "README.md").read_text(), re.M | re.S)
    assert section
    return re.findall(r"^curl .*$", section[1], re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_api_by_example(stack: DeployedStack) -> None:
    names, answers = {"URL": stack.api_url, "ID": ""}, []
    for line in examples():
        command = ["bash", "-c", f"{TOLD_APART}\n{line}"]
        done = subprocess.run(
            command, env=names | {"PATH": os.environ["PATH"]}, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
        body, _, status = done.stdout.rpartition("\n")
        answers.append(int(status))
        names["ID"] = names["ID"] or json.loads(body)["taskId"]

    assert answers == ANSWERS
