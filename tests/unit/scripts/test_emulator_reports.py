"""The page that compares emulators, from JUnit reports."""

from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.documents.emulators import BEGIN, END, emulators, read_reports, render
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


def test_only_the_generated_part_of_the_page_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    for _ in range(2):
        emulators([report(tmp_path / "a.xml", "test_a")], page, tmp_path / "none")

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("someemu 1.0 |") == 1


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
    found, version = emulator_of(cloud)

    assert found == name
    assert version.count(".") == 2
