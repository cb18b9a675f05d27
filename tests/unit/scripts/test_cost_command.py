"""`make cost`: its options, and refusals of those that cannot be used."""

import re
from dataclasses import replace
from typing import Any

import pytest

from scripts.economics.workload import (
    Options,
)
from tests.harness.command_line import task_manager


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the command passes on to be priced."""
    asked: list[Any] = []
    monkeypatch.setattr("scripts.economics.cost.show", lambda *given: asked.extend(given))
    return asked


def test_the_given_options_are_priced(priced: list[Any]) -> None:
    asked = ["--requests", "5e6", "--memory", "1024", "--architecture", "x86_64", "--api", "rest"]

    assert task_manager("cost", *asked, "--retention", "7", "--milliseconds", "50") == 0

    options = replace(Options(), memory_mb=1024, architecture="x86_64", api_type="rest", log_retention_days=7)
    assert priced == [5e6, options, 50.0]


def test_by_default_a_million_requests_are_priced(priced: list[Any]) -> None:
    assert task_manager("cost") == 0

    assert priced == [1e6, Options(), None]


@pytest.mark.parametrize(
    ("argument", "text", "said"),
    [
        ("requests", "many", "'many' is not a number from 0 to 1e+12"),
        ("requests", "-1", "'-1' is not a number from 0 to 1e+12"),
        ("memory", "64", "'64' is not a number from 128 to 10240"),
        ("architecture", "mips", "'arm64', 'x86_64'"),
        ("monitoring", "none", "'full', 'lean'"),
        ("api", "soap", "'http', 'rest'"),
    ],
)
def test_an_unusable_argument_is_named(
    priced: list[Any], capsys: pytest.CaptureFixture[str], argument: str, text: str, said: str
) -> None:
    assert task_manager("cost", f"--{argument}", text) == 2

    error = capsys.readouterr().err
    assert f"--{argument}" in error
    assert said in error
    assert priced == []


def test_a_month_without_requests_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    task_manager("cost", "--requests=0", "--monitoring=lean")

    shown = capsys.readouterr().out
    assert "lean monitoring" in shown
    assert re.search(r"^ *all +4\.89 ", shown, re.MULTILINE)
