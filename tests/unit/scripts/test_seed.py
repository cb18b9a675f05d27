"""`make seed`: the same believable tasks each time, brought to their statuses through the API."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.operators import seed
from scripts.operators.seed import CYCLE, Wanted, bring_about, wanted
from services.core.status import Priority, Status
from services.core.task import NewTask
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def api(services: FakeServices) -> Iterator[httpx.Client]:
    with gateway_client(services) as client:
        yield client


def ordinary(tasks: list[Wanted]) -> list[Wanted]:
    """Those that need no approval: no workflow runs here."""
    return [task for task in tasks if task.body["priority"] is not Priority.HIGH]


def test_tasks_are_valid_and_their_owners_take_turns() -> None:
    tasks = wanted(120, 7)

    assert all(NewTask.model_validate(task.body, strict=False) for task in tasks)
    assert Counter(Counter(task.body["userId"] for task in tasks).values()) == {17: 6, 18: 1}
    assert len({task.body["title"] for task in tasks}) > 80


def test_every_status_is_among_the_first_eight_tasks() -> None:
    assert {task.status for task in wanted(8, 1)} == set(Status)
    assert len(CYCLE) == 40


def test_high_priority_is_exactly_what_its_status_needs() -> None:
    needs = {Status.PENDING_APPROVAL, Status.APPROVED, Status.REJECTED}

    for status, is_high in CYCLE:
        assert is_high or status not in needs
        assert not is_high or status is not Status.PENDING


def test_tasks_and_keys_are_the_same_each_time_and_more_begin_with_fewer() -> None:
    assert wanted(50, 5) == wanted(50, 5)
    assert wanted(50, 5)[:20] == wanted(20, 5)
    assert len({task.key for task in wanted(400, 5)}) == 400


def test_tasks_are_brought_to_their_statuses_once(api: httpx.Client) -> None:
    tasks = ordinary(wanted(16, 2))

    first = [bring_about(api, task) for task in tasks]
    second = [bring_about(api, task) for task in tasks]

    assert first == [(True, task.status) for task in tasks]
    assert second == [(False, task.status) for task in tasks]
    assert api.get("/tasks").json()["count"] == len(tasks)


def test_an_interrupted_task_is_finished_and_one_that_went_further_is_left(api: httpx.Client) -> None:
    tasks = ordinary(wanted(8, 1))
    pending, completed = (
        next(task for task in tasks if task.status is status) for status in (Status.PENDING, Status.COMPLETED)
    )
    for task, status in ((pending, Status.IN_PROGRESS), (completed, Status.PENDING)):
        bring_about(api, replace(task, status=status))

    again = [bring_about(api, task) for task in (pending, completed)]

    assert again == [(False, Status.IN_PROGRESS), (False, Status.COMPLETED)]


def test_a_deleted_task_is_not_created_again(api: httpx.Client) -> None:
    task = ordinary(wanted(1, 1))[0]
    bring_about(api, task)
    api.delete(f"/tasks/{api.get('/tasks').json()['tasks'][0]['taskId']}")

    assert bring_about(api, task) == (False, "deleted")


def test_a_decision_that_is_never_applied_is_a_failure(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed, "APPROVAL_SECONDS", 0.0)
    task = next(task for task in wanted(8, 1) if task.status is Status.APPROVED)

    with pytest.raises(Failure, match="was decided, and still waits"):
        bring_about(api, task)


def test_a_refused_request_is_a_failure_that_names_it(api: httpx.Client) -> None:
    with pytest.raises(Failure, match="POST /tasks answered 422"):
        bring_about(api, Wanted({"title": ""}, Status.PENDING))
