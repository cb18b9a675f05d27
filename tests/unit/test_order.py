"""The files that take longest are begun first, in every process that shares the tests."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest
from tests.integration.conftest import taking_apart_last

TESTS = Path(conftest.__file__).parent


def item(file: str, *, apart: bool = False) -> Any:
    return SimpleNamespace(path=TESTS / file, get_closest_marker=lambda _: apart)


def sorted_files(*files: str, **config: object) -> list[str]:
    items = [item(file) for file in files]
    conftest.pytest_collection_modifyitems(SimpleNamespace(**config), items)  # type: ignore[arg-type]
    return [conftest.place_of(one) for one in items]


def test_a_process_of_several_begins_with_the_longest() -> None:
    longest, second, *_ = conftest.FIRST

    order = sorted_files("unit/test_order.py", second, "unit/test_budgets.py", longest, workerinput={})

    assert order == [longest, second, "unit/test_order.py", "unit/test_budgets.py"]


def test_one_process_for_all_keeps_the_order() -> None:
    files = ["unit/test_order.py", *reversed(conftest.FIRST)]

    assert sorted_files(*files) == files


def test_each_process_imports_everything_but_begins_elsewhere() -> None:
    files = [Path(f"test_{number}.py") for number in range(10)]

    shares = [conftest.turned(files, number, 4) for number in range(4)]

    assert [files.index(share[0]) for share in shares] == [0, 2, 5, 7]
    assert all(sorted(share) == files for share in shares)


@pytest.mark.parametrize("file", conftest.FIRST)
def test_the_longest_files_are_there(file: str) -> None:
    assert (TESTS / file).is_file()


def test_what_takes_the_stack_apart_comes_after_all_that_use_it_and_before_what_needs_none() -> None:
    stack, infra = item("integration/test_destroy.py", apart=True), item("infra/test_data.py")
    api, verify, unit = (
        item(name) for name in ("integration/test_api.py", "integration/test_verify.py", "unit/test_order.py")
    )

    assert taking_apart_last([infra, stack, api, verify, unit]) == [infra, api, verify, stack, unit]
