"""The lists of targets that make prints."""

import re
import subprocess
from functools import cache

import pytest

from scripts.base.paths import ROOT
from tests.harness.command_line import makefile_targets

UNLISTED = ("help", "help-all", "environment", "local-only")


@cache
def made(target: str) -> str:
    return subprocess.run(
        ["make", "-C", str(ROOT), target], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("target", [name for name in makefile_targets() if name not in UNLISTED])
def test_make_help_all_lists_every_target(target: str) -> None:
    assert re.search(rf"make (\w+ )*{target} ", made("help-all"))


def test_make_alone_lists_the_daily_targets_in_four_groups() -> None:
    listed = made("help")

    assert re.findall(r"(Try|Change|Test|Ship) it", listed) == ["Try", "Change", "Test", "Ship"]
    assert 15 <= len(re.findall(r"make [a-z-]+ ", listed)) <= 25
