"""A pytest plugin: tells which tests took longer than tests of their folder should. It fails no run.

What counts is the test itself: what it needs, such as a deployed stack, is made for whichever comes first.
"""

import os
from collections.abc import Iterator

import pytest

# Folder in tests/ → seconds.
BUDGETS = {
    "unit": 1.0,
    "programs": 10.0,
    "aws": 10.0,
    "infra": 20.0,
    "integration": 60.0,
    "delivery": 60.0,
}
# As many are named. More of them mean that the machine was busy.
MOST_NAMED = 20


class Budgets:
    """Collects the tests that took too long, in the process that reports."""

    def __init__(self) -> None:
        self._slow: list[tuple[float, float, pytest.TestReport]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that took longer than its folder's budget."""
        budget = BUDGETS.get(folder_of(report.nodeid))
        if report.when == "call" and budget is not None and report.duration > budget:
            self._slow.append((report.duration, budget, report))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show them, the slowest first; on GitHub as warnings at their files."""
        for line in self.lines(on_github="GITHUB_ACTIONS" in os.environ):
            terminalreporter.write_line(line)

    def lines(self, *, on_github: bool) -> Iterator[str]:
        """What is shown; nothing, if every test kept its budget."""
        slow = sorted(self._slow, key=lambda one: one[0], reverse=True)
        for seconds, budget, report in slow[:MOST_NAMED]:
            told = f"{report.nodeid} took {seconds:.1f} s; tests/{folder_of(report.nodeid)} has {budget:g} s"
            file, line, _ = report.location
            place = f"file={_escaped(file)},line={(line or 0) + 1},title=A slow test"
            yield f"::warning {place}::{_escaped(told)}" if on_github else f"Slow: {told}"
        if len(slow) > MOST_NAMED:
            yield f"and {len(slow) - MOST_NAMED} other tests that took longer than their folder's budget"


def folder_of(test: str) -> str:
    """The folder in tests/ of a test, by its id."""
    top, _, rest = test.partition("/")
    return rest.partition("/")[0] if top == "tests" else ""


def _escaped(text: str) -> str:
    """Text in a workflow command of GitHub: packages/core/src/command.ts of github.com/actions/toolkit."""
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(sign, code)
    return text
