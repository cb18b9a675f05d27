"""The page that compares emulators, from JUnit reports."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.documents.emulators import (
    BEGIN,
    END,
    PAGE,
    Outcome,
    emulators,
    read_reports,
    render,
    stored,
    with_results,
)
from tests.harness.emulator_report import emulator_of

PROPERTIES = (
    '<properties><property name="emulator" value="{name}"/>'
    '<property name="emulator_version" value="{version}"/></properties>'
)


def report(
    path: Path, *cases: str, name: str = "someemu", version: str = "1.0", day: str = "2026-01-02"
) -> Path:
    named = PROPERTIES.format(name=name, version=version)
    tests = "".join(
        f'<testcase classname="tests.integration.test_api.TestLists" name="{case.split()[0]}">'
        f"{named}{' '.join(case.split()[1:])}</testcase>"
        for case in cases
    )
    path.write_text(f'<testsuites><testsuite timestamp="{day}T10:00:00">{tests}</testsuite></testsuites>')
    return path


SKIPPED = 'test_b <skipped message="requires jwt: it calls no | authorizers"/>'
BROKEN = 'test_c[x] <failure message="assert 1 == 2&#10;more">a traceback</failure>'


def test_a_group_is_counted_by_how_its_tests_ended(tmp_path: Path) -> None:
    runs = read_reports([report(tmp_path / "a.xml", "test_a", SKIPPED, BROKEN)])

    page = render(runs, [])

    assert "| tests | someemu 1.0 |" in page
    assert "| api | 1 passed, 1 skipped, 1 failed |" in page
    assert "| run on | 2026-01-02 |" in page
    assert "| requires jwt: it calls no \\| authorizers | 1 |" in page
    assert "| api: `test_c[x]` | assert 1 == 2 | none yet |" in page


def test_a_report_of_all_tests_counts_by_those_of_the_running_stack(tmp_path: Path) -> None:
    file = report(tmp_path / "a.xml", "test_a", "test_b")
    text = file.read_text()
    file.write_text(text.replace("tests.integration.test_api", "tests.unit.test_cost", 1))

    page = render(read_reports([file]), [])

    assert "| api | 1 passed |" in page
    assert "| cost |" not in page


def test_an_error_in_a_fixture_counts_as_failed(tmp_path: Path) -> None:
    page = render(read_reports([report(tmp_path / "a.xml", 'test_a <error message="no cloud"/>')]), [])

    assert "| api | 1 failed |" in page


def test_a_failure_is_linked_to_the_case_that_names_emulator_and_test(tmp_path: Path) -> None:
    runs = read_reports([report(tmp_path / "a.xml", BROKEN)])
    for name, text in (("other.md", "AnotherEmu: test_c"), ("lists.md", "SomeEmu 1.0 fails test_c.")):
        (tmp_path / name).write_text(text)

    page = render(runs, sorted(tmp_path.glob("*.md")))

    assert "[lists](emulators/lists.md)" in page
    assert "other.md" not in page


def test_the_newest_outcome_of_a_test_counts(tmp_path: Path) -> None:
    old, new = (
        report(tmp_path / "old.xml", BROKEN),
        report(tmp_path / "new.xml", "test_c[x]", day="2026-02-01"),
    )

    page = render(read_reports([old, new]), [])

    assert "| api | 1 passed |" in page
    assert "2026-02-01" in page


def test_each_version_of_each_emulator_has_a_column(tmp_path: Path) -> None:
    one = report(tmp_path / "one.xml", "test_a")
    two = report(tmp_path / "two.xml", "test_b", name="another", version="2.0")

    assert "| tests | another 2.0 | someemu 1.0 |" in render(read_reports([one, two]), [])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    return page


def test_only_the_generated_part_of_the_page_is_replaced(tmp_path: Path, page: Path) -> None:
    for _ in range(2):
        emulators([report(tmp_path / "a.xml", "test_a")], page, tmp_path / "kept")

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("someemu 1.0 |") == 1


def test_a_page_without_a_place_is_refused_before_any_test_runs(
    tmp_path: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.documents.emulators._run_all", lambda: pytest.fail("the tests ran"))
    page.write_text(f"rewritten {END}")

    with pytest.raises(Failure, match=rf"{page} lacks the lines {BEGIN} and {END}.* run the command again"):
        emulators([], page, tmp_path / "kept")

    assert not (tmp_path / "kept").exists()


def test_a_new_report_replaces_what_was_known_of_its_emulator_only(tmp_path: Path, page: Path) -> None:
    old, other = report(tmp_path / "a.xml", BROKEN), report(tmp_path / "b.xml", "test_a", name="another")
    new = report(tmp_path / "c.xml", "test_c[x]", version="1.1")
    emulators([old, other], page, tmp_path / "kept")

    emulators([new], page, tmp_path / "kept")

    assert "| tests | another 1.0 | someemu 1.1 |" in page.read_text()


def test_tests_of_one_name_in_two_classes_count_twice(tmp_path: Path) -> None:
    made = report(tmp_path / "a.xml", "test_a", "test_b")
    made.write_text(made.read_text().replace('TestLists" name="test_b"', 'TestOthers" name="test_a"'))

    assert "| api | 2 passed |" in render(read_reports([made]), [])


def test_results_are_kept_whole(tmp_path: Path, page: Path) -> None:
    made = report(tmp_path / "a.xml", "test_a", SKIPPED, BROKEN)

    emulators([made], page, tmp_path / "kept")

    assert stored(tmp_path / "kept") == read_reports([made])


def test_the_order_of_tests_and_of_reports_of_different_emulators_does_not_matter(tmp_path: Path) -> None:
    one = report(tmp_path / "a.xml", "test_a", SKIPPED, BROKEN)
    same = report(tmp_path / "b.xml", BROKEN, SKIPPED, "test_a")
    other = report(tmp_path / "c.xml", "test_a", name="another")

    first, second = read_reports([one, other]), read_reports([other, same])

    assert render(first, []) == render(second, [])


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("no answer of http://127.0.0.1:4711/", "no answer of http://127.0.0.1:PORT/"),
        ("task 01a21aeb-346b-75d8-adc7-747786ce52c1 is gone", "task ID is gone"),
        ("queue 0c1d2e3f405162738495a6b7c8d9e0f1", "queue ID"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out(tmp_path: Path, told: str, kept: str) -> None:
    (run,) = read_reports([report(tmp_path / "a.xml", f'test_a <failure message="{told}"/>')])

    assert run.failures == [Outcome("api", "test_a", "failed", kept)]


def test_the_page_shows_the_results_that_are_kept() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert with_results(text, stored()) == text, "`make emulators REPORTS=…` writes it"
    assert {run.emulator for run in stored()} >= {"LocalStack", "ministack"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [("<testsuites/>", "names an emulator"), ("not xml", "is no JUnit report")],
)
def test_a_file_that_is_no_report_of_ours_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "report.xml"
    file.write_text(content)

    with pytest.raises(Failure, match=reason):
        read_reports([file])


@pytest.mark.parametrize(("cloud", "name"), [("embedded", "ministack"), ("localstack", "LocalStack")])
def test_the_version_of_an_emulator_is_the_pinned_one(cloud: str, name: str) -> None:
    found = emulator_of(cloud)

    assert found
    assert found[0] == name
    assert found[1].count(".") == 2


@pytest.mark.parametrize(
    ("told", "found"), [("some emu 1.0", ("some emu", "1.0")), ("1.0", None), ("", None)]
)
def test_what_runs_at_an_endpoint_is_what_was_said(
    told: str, found: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_EMULATOR", told)

    assert emulator_of("endpoint") == found
