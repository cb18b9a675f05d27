"""The files that take longest are begun first, in every process that shares the tests."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest

TESTS = Path(conftest.__file__).parent


def sorted_files(*files: str, **config: object) -> list[str]:
    items = [SimpleNamespace(path=TESTS / file) for file in files]
    conftest.pytest_collection_modifyitems(SimpleNamespace(**config), items)  # type: ignore[arg-type]
    return [conftest.place_of(item) for item in items]  # type: ignore[arg-type]


def test_a_process_of_several_begins_with_the_longest() -> None:
    longest, second, *_ = conftest.FIRST

    order = sorted_files("unit/test_order.py", second, "unit/test_budgets.py", longest, workerinput={})

    assert order == [longest, second, "unit/test_order.py", "unit/test_budgets.py"]


def test_one_process_for_all_keeps_the_order() -> None:
    files = ["unit/test_order.py", *reversed(conftest.FIRST)]

    assert sorted_files(*files) == files


@pytest.mark.parametrize("file", conftest.FIRST)
def test_the_longest_files_are_there(file: str) -> None:
    assert (TESTS / file).is_file()
