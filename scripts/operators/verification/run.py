"""The pytest plugin of `make verify`: hands the deployment to the checks, shows progress, collects results.

The checks are tests in tests/verify, which share the contracts of the unit and the integration tests.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from scripts.deployments.target import Target
from scripts.operators.verification.made import Made
from scripts.operators.verification.report import Check, Outcome, Report

SECTIONS = ("deployment", "api", "callers", "events", "approval", "rights", "operators")
PLAIN_SECONDS = 30.0
MAX_SHOWN = 600


@dataclass(frozen=True)
class Run:
    """What the checks run against, and how patient they are."""

    target: Target
    made: Made
    environment: str
    first_event_seconds: float
    """How long a new deployment may take until its first event arrives; half of it for anything later."""

    @property
    def patience(self) -> float:
        """Seconds that an effect may take once events arrive.

        By default more than a queue's visibility timeout (90 s): a reader that was throttled once takes that.
        """
        return max(self.first_event_seconds / 2, 1.0)


class Checks:
    """The plugin. `section` of a check is its file: tests/verify/check_<section>.py."""

    def __init__(self, run: Run, report: Report, console: Console, sections: tuple[str, ...]) -> None:
        self._run = run
        self._report = report
        self._console = console
        self._sections = sections
        self._said = time.monotonic()
        self._compared: tuple[str, str] | None = None
        self._number = 0
        self._done: set[str] = set()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
        )
        self._bar = self._progress.add_task("collecting", total=None)

    @property
    def not_run(self) -> int:
        """How many of the collected checks have not ended."""
        return self._number - len(self._done)

    def pytest_configure(self) -> None:
        """Have comparisons explained in what the checks share with other tests, too."""
        pytest.register_assert_rewrite("tests.contracts", "tests.integration")

    @pytest.fixture(scope="session")
    def run(self) -> Run:
        """The run, for tests/verify/conftest.py."""
        return self._run

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen sections, in their order."""
        items[:] = [item for item in items if section_of(item) in self._sections]
        items.sort(key=lambda item: SECTIONS.index(section_of(item)))
        if self._run.target.outputs["auth"]["mode"] == "none":
            items[:] = [item for item in items if section_of(item) != "callers"]
            if "callers" in self._sections:
                self._report.not_applicable["callers"] = "authentication is off (auth_mode is none)"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file of checks that cannot be read is a failure, not fewer checks."""
        if report.failed:
            self._report.add(
                Check(
                    "make verify",
                    report.nodeid,
                    Outcome.FAILED,
                    0.0,
                    "a file of checks that can be imported",
                    str(report.longrepr),
                )
            )

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Begin to show progress; the tests themselves are run by pytest's own loop."""
        self._number = len(session.items)
        self._progress.update(self._bar, total=self._number)
        self._progress.start()

    def pytest_sessionfinish(self) -> None:
        """Remove the progress bar."""
        self._progress.stop()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show which check runs."""
        self._compared = None
        _, _, name = nodeid.rpartition("::")
        self._progress.update(self._bar, description=readable(name)[:60])
        if not self._console.is_terminal and time.monotonic() - self._said > PLAIN_SECONDS:
            self._said = time.monotonic()
            done = f"{len(self._report.checks)} of {self._number} checks"
            self._console.print(f"  {done}, now: {readable(name)}", markup=False, soft_wrap=True)

    def pytest_assertrepr_compare(self, op: str, left: Any, right: Any) -> None:
        """Note both sides of a comparison that failed: the tests have what came on the left."""
        relation = {"==": "", "in": "something in ", "<=": "at most ", ">=": "at least "}.get(op, f"{op} ")
        self._compared = f"{relation}{right!r}", repr(left)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Collect what became of a check."""
        result = yield
        if call.when == "call" or result.outcome != "passed":
            self._report.add(self._check(item, call, result))
            self._done.add(item.nodeid)
            self._progress.update(self._bar, completed=len(self._done))
        return result

    def _check(self, item: pytest.Item, call: pytest.CallInfo[None], result: pytest.TestReport) -> Check:
        name = readable(item.name) + (" (cleaning up)" if call.when == "teardown" else "")
        section = section_of(item)
        if call.excinfo is None:
            return Check(section, name, Outcome.PASSED, result.duration)
        error = call.excinfo.value
        if result.skipped:
            reason = str(getattr(error, "msg", error))
            return Check(section, name, Outcome.NOT_VERIFIED, result.duration, came=reason)
        expected, came = self._difference(item, error)
        path, line, _ = item.location
        where = f"{path}:{(line or 0) + 1}"
        return Check(section, name, Outcome.FAILED, result.duration, short(expected), short(came), where)

    def _difference(self, item: pytest.Item, error: BaseException) -> tuple[str, str]:
        """What was expected, and what came."""
        if isinstance(error, AssertionError):
            if self._compared:
                return self._compared
            if hasattr(error, "expected") and hasattr(error, "came"):
                return str(error.expected), str(error.came)
        return expectation(item), f"{type(error).__name__}: {error}"


def section_of(item: pytest.Item) -> str:
    """The section that a check belongs to."""
    return item.path.stem.removeprefix("check_")


def readable(name: str) -> str:
    """A test's name as a sentence."""
    words, bracket, parameters = name.partition("[")
    return words.removeprefix("test_").replace("_", " ") + (f" [{parameters}" if bracket else "")


def expectation(item: pytest.Item) -> str:
    """What a test expects, where no comparison says so: its first line of documentation, or its name."""
    documented = str(getattr(getattr(item, "obj", None), "__doc__", None) or "").strip()
    return documented.split("\n")[0] or readable(item.name)


def short(text: str) -> str:
    """One line, not too long for a terminal; bodies of a megabyte are sent, too."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}… ({len(line)} characters)"
