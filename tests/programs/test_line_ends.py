"""Line ends, as git keeps them."""

import subprocess

import pytest

from scripts.base.paths import ROOT


def test_line_ends_are_lf_on_every_system() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")

    for line in listed:
        index, _, attributes, *_ = line.split(maxsplit=3)
        assert index in ("i/lf", "i/-text", "i/none"), line
        assert "-text" in attributes or "eol=lf" in line, line
