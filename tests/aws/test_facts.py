"""Every fact about AWS in tests/aws/facts/ is dated, has its source, and names a test that exists."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.aws.facts import Entry, entries, exists, faults

TODAY = datetime.now(UTC).date()
FACT = {
    "fact": "A queue keeps a message for at most 14 days.",
    "source": "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/",
    "date": "2026-11-25",
    "test": "tests/unit/test_sample.py::test_something",
}


def test_every_fact_has_a_source_a_date_and_a_test_that_exists() -> None:
    found = list(entries())
    assert found, "no facts at all"

    wrong = [fault for entry in found for fault in faults(entry, TODAY)]

    assert not wrong, "\n" + "\n".join(wrong)


def test_no_fact_is_written_twice() -> None:
    facts = [entry.content["fact"] for entry in entries()]
    assert sorted(set(facts)) == sorted(facts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one test in it."""
    (tmp_path / "tests/unit").mkdir(parents=True)
    (tmp_path / "tests/unit/test_sample.py").write_text(
        "def test_something(): ...\nclass TestIn:\n    async def test_inside(self): ...\ndef no_test(): ...\n"
    )
    return tmp_path


def faults_of(content: object, root: Path) -> list[str]:
    return list(faults(Entry("sqs.json", 1, json.loads(json.dumps(content))), TODAY, root))


def test_a_complete_entry_has_no_fault(root: Path) -> None:
    assert not faults_of(FACT, root)


@pytest.mark.parametrize("field", FACT)
def test_an_entry_that_lacks_a_field_is_named(field: str, root: Path) -> None:
    (fault,) = faults_of({key: value for key, value in FACT.items() if key != field}, root)
    assert fault.startswith("sqs.json, entry 1: the fields must be")


@pytest.mark.parametrize(
    "change",
    [
        {"fact": " "},
        {"date": "2026-13-01"},
        {"date": "20261125"},
        {"date": "2999-01-01"},
        {"source": "http://docs.aws.amazon.com/"},
        {"source": "https://docs"},
        {"source": "somewhere"},
        {"test": "tests/unit/test_sample.py"},
        {"test": "tests/unit/test_sample.py::test_other"},
        {"test": "tests/unit/test_sample.py::no_test"},
        {"test": "tests/unit/test_absent.py::test_something"},
        {"test": ["tests/unit/test_sample.py::test_something"]},
        {"note": "more"},
    ],
    ids=str,
)
def test_an_entry_with_a_wrong_value_is_refused(change: dict[str, object], root: Path) -> None:
    assert len(faults_of(FACT | change, root)) == 1


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("test_something", True),
        ("test_something[one-two::three]", True),
        ("TestIn::test_inside", True),
        ("test_inside", False),
        ("TestIn::test_something", False),
        ("TestOther::test_inside", False),
    ],
)
def test_tests_are_looked_up_where_they_are_defined(test: str, found: bool, root: Path) -> None:
    assert exists(f"tests/unit/test_sample.py::{test}", root) == found
