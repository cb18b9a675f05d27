"""The books of a load run: every write has its event and is counted, or what is missing is named."""

from pathlib import Path

import pytest

from clients.python.task_manager_client.models import Priority, Status, Task
from load.books import Books, imbalances
from load.lags import FILE, LagFile
from load.ledger import EventKey, Ledger, events_after, events_after_verdict

ADA, BOB = "load-a-ada", "load-a-bob"
NO_LETTERS = {"created": 0, "relay": 0}


def task(task_id: str, version: int = 1, status: str = "pending") -> Task:
    noon = "2026-01-31T12:00:00.000Z"
    return Task(task_id, "Renew", "", Priority.LOW, Status(status), ADA, [], noon, noon, version)


def receive(books: Books, user: str, *events: EventKey) -> None:
    for kind, task_id, version in events:
        detail = {
            "userId": user,
            "eventId": f"{kind}{task_id}{version}",
            "taskId": task_id,
            "version": version,
        }
        books.receive(kind, detail)


@pytest.fixture
def books() -> Books:
    """Ada created and completed a task, Bob created and removed one; every event was received."""
    books = Books("load-a-")
    ada = [*events_after("POST", task("1")), *events_after("PUT", task("1", 2, "completed"))]
    bob = [*events_after("POST", task("2")), *events_after("DELETE", task("2"))]
    for user, events in ((ADA, ada), (BOB, bob)):
        books.expect(user, events)
        receive(books, user, *events)
    return books


def test_books_balance_when_every_event_was_received_and_counted(books: Books) -> None:
    assert len(books.written) == 5
    assert imbalances(books, {ADA: (1, 1), BOB: (1, 0)}, NO_LETTERS) == []


def test_one_lost_event_is_found(books: Books) -> None:
    books.expect(ADA, events_after("PUT", task("1", 3)))

    (said,) = imbalances(books, {ADA: (1, 1), BOB: (1, 0)}, NO_LETTERS)

    assert said == "1 events of 6 were lost: ('TaskUpdated', '1', 3)"


def test_missing_and_double_counts_are_found(books: Books) -> None:
    (said,) = imbalances(books, {ADA: (1, 0), BOB: (2, 0)}, NO_LETTERS)

    assert "the statistics of 2 users are wrong" in said
    assert f"{ADA}: (1, 0) counted, (1, 1) written" in said


def test_a_user_without_statistics_is_found(books: Books) -> None:
    (said,) = imbalances(books, {ADA: (1, 1)}, NO_LETTERS)

    assert f"{BOB}: None counted, (1, 0) written" in said


def test_a_dead_letter_is_found(books: Books) -> None:
    assert imbalances(books, {ADA: (1, 1), BOB: (1, 0)}, {"created": 0, "relay": 1}) == [
        "1 dead letters of relay"
    ]


def test_an_event_without_a_write_is_found(books: Books) -> None:
    receive(books, ADA, ("TaskCreated", "3", 1))

    found = imbalances(books, {ADA: (2, 1), BOB: (1, 0)}, NO_LETTERS)

    assert found == ["1 events have no known write: ('TaskCreated', '3', 1)"]


@pytest.mark.parametrize("took_place", [True, False])
def test_a_write_in_doubt_may_have_taken_place_or_not(books: Books, took_place: bool, tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.doubt(ADA, "POST /tasks: answered 502")
    ledger.flush(tmp_path)
    books.read(tmp_path)
    if took_place:
        receive(books, ADA, ("TaskCreated", "3", 1))

    assert imbalances(books, {ADA: (2 if took_place else 1, 1), BOB: (1, 0)}, NO_LETTERS) == []
    assert imbalances(books, {ADA: (1 if took_place else 2, 1), BOB: (1, 0)}, NO_LETTERS) != []


def test_a_repeated_event_counts_once(books: Books) -> None:
    receive(books, ADA, ("TaskCreated", "1", 1))

    assert books.repeats == 1
    assert imbalances(books, {ADA: (1, 1), BOB: (1, 0)}, NO_LETTERS) == []


def test_events_of_other_users_are_ignored(books: Books) -> None:
    receive(books, "grace", ("TaskCreated", "9", 1))

    assert imbalances(books, {ADA: (1, 1), BOB: (1, 0)}, NO_LETTERS) == []


def test_a_verdict_is_an_update_and_an_event_of_its_own() -> None:
    assert events_after_verdict(task("1", 2, "approved")) == [
        ("TaskUpdated", "1", 2),
        ("TaskApproved", "1", 2),
    ]
    assert events_after_verdict(task("1", 2, "rejected")) == [
        ("TaskUpdated", "1", 2),
        ("TaskRejected", "1", 2),
    ]


def test_a_ledger_reaches_the_books_through_another_process(tmp_path: Path) -> None:
    worker, master, books = Ledger(), Ledger(), Books("load-a-")
    worker.expect(ADA, events_after("POST", task("1")))
    master.add(worker.take())
    master.flush(tmp_path)
    master.flush(tmp_path)

    books.read(tmp_path)

    assert worker.take() == []
    assert books.lost == [("TaskCreated", "1", 1)]
    assert books.totals() == {ADA: (1, 0)}


def test_lags_are_read_as_they_are_written_line_by_line(tmp_path: Path) -> None:
    lags = LagFile(tmp_path)
    assert lags.new() == []

    with (tmp_path / FILE).open("a") as file:
        file.write("12.5\n7")
        file.flush()
        assert lags.new() == [12.5]
        file.write(".0\n")
        file.flush()
        assert lags.new() == [7.0]
        assert lags.new() == []
