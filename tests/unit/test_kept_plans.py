"""Plans that are kept between runs of the tests."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from tests.harness.kept_plans import KeptPlans

WORDS = ("plan", "prod")


def never() -> str:
    raise AssertionError("made again")


def test_a_plan_is_made_once_for_the_same_words(tmp_path: Path) -> None:
    KeptPlans("one", tmp_path).get(WORDS, lambda: {"planned": 1})

    later = KeptPlans("one", tmp_path)

    assert later.get(WORDS, never) == {"planned": 1}
    assert later.get((*WORDS, "-var=a=b"), lambda: {"planned": 2}) == {"planned": 2}


def test_a_change_of_what_plans_depend_on_makes_them_anew(tmp_path: Path) -> None:
    KeptPlans("one", tmp_path).get(WORDS, lambda: "before")

    changed = KeptPlans("another", tmp_path)

    assert changed.get(WORDS, lambda: "after") == "after"
    assert KeptPlans("one", tmp_path).get(WORDS, lambda: "again") == "again"


def test_a_plan_that_failed_is_not_kept(tmp_path: Path) -> None:
    def fails() -> str:
        raise Failure("no plan")

    kept = KeptPlans("one", tmp_path)
    with pytest.raises(Failure, match="no plan"):
        kept.get(WORDS, fails)

    assert kept.get(WORDS, lambda: "planned") == "planned"


def test_a_plan_that_was_half_written_is_made_again(tmp_path: Path) -> None:
    kept = KeptPlans("one", tmp_path)
    kept.get(WORDS, lambda: "planned")
    (written,) = (tmp_path / "one").glob("*.json")
    written.rename(written.with_suffix(".tmp"))

    assert kept.get(WORDS, lambda: "planned anew") == "planned anew"
