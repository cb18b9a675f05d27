"""Tests that take longer than a test of their folder should are told, and fail nothing."""

import pytest

from tests.harness.budgets import BUDGETS, MOST_NAMED, Budgets


def report(
    test: str = "tests/unit/test_it.py::test_it", seconds: float = 1.26, when: str = "call"
) -> pytest.TestReport:
    location = (test.partition("::")[0], 41, "test_it")
    return pytest.TestReport(test, location, {}, "passed", None, when, duration=seconds)  # type: ignore[arg-type]


def lines(*reports: pytest.TestReport, on_github: bool = False) -> list[str]:
    budgets = Budgets()
    for one in reports:
        budgets.pytest_runtest_logreport(one)
    return list(budgets.lines(on_github=on_github))


def test_a_slow_test_is_named_with_its_seconds_and_its_budget() -> None:
    assert lines(report()) == ["Slow: tests/unit/test_it.py::test_it took 1.3 s; tests/unit has 1 s"]


def test_on_github_it_is_a_warning_at_its_file() -> None:
    told = lines(report("tests/unit/test_it.py::test_it[100%\n]"), on_github=True)

    assert told == [
        "::warning file=tests/unit/test_it.py,line=42,title=A slow test::"
        "tests/unit/test_it.py::test_it[100%25%0A] took 1.3 s; tests/unit has 1 s"
    ]


@pytest.mark.parametrize("folder", BUDGETS)
def test_each_folder_has_a_budget_of_its_own(folder: str) -> None:
    test, budget = f"tests/{folder}/deeper/test_it.py::test_it", BUDGETS[folder]

    assert lines(report(test, budget), report(test, budget + 0.1)) == [
        f"Slow: {test} took {budget + 0.1:.1f} s; tests/{folder} has {budget:g} s"
    ]


def test_what_a_test_needs_and_tests_elsewhere_have_no_budget() -> None:
    assert lines(report(when="setup", seconds=99), report("elsewhere/unit/test_it.py::test_it")) == []


def test_the_slowest_are_named_first_and_only_so_many() -> None:
    told = lines(*(report(f"tests/unit/test_it.py::test_{n}", 2.0 + n) for n in range(MOST_NAMED + 2)))

    assert told[0].startswith(f"Slow: tests/unit/test_it.py::test_{MOST_NAMED + 1} took")
    assert told[MOST_NAMED:] == ["and 2 other tests that took longer than their folder's budget"]
