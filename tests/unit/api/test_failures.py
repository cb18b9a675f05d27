"""The API's answers to failures behind it."""

import json
from types import SimpleNamespace

import httpx
import pytest

from services.adapters.telemetry import logger
from services.api.problems import problem
from services.core.errors import InputTooLarge, InvalidInput, ServiceUnavailable, StaleVersion
from services.core.task import Task
from tests.contracts.api import UNKNOWN, assert_problem, create
from tests.harness.fakes import FakeServices, InMemoryTaskStore
from tests.harness.gateway import gateway_client
from tests.unit.conftest import LogLines


class FailingStore(InMemoryTaskStore):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def get(self, task_id: str) -> Task | None:
        raise self._error


class ContestedStore(InMemoryTaskStore):
    """Another writer always comes first."""

    def replace(self, old: Task, new: Task, correlation_id: str) -> None:
        raise StaleVersion


def client(store: InMemoryTaskStore) -> httpx.Client:
    return gateway_client(FakeServices(tasks=store))


def test_an_unexpected_error_is_a_500_without_details(log_lines: LogLines) -> None:
    answer = client(FailingStore(KeyError("secret"))).get(f"/tasks/{UNKNOWN}")

    problem = assert_problem(answer, 500)
    assert "secret" not in answer.text
    assert problem["type"] == "urn:task-manager:problem:internal-error"
    assert problem["detail"] == "Something went wrong on our side; it has been recorded."
    (logged,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert logged["message"] == "failed"
    assert "secret" in logged["exception"]
    assert logged["correlation_id"] == problem["correlationId"]


def test_an_unavailable_service_is_a_503() -> None:
    answer = client(FailingStore(ServiceUnavailable("DynamoDB: throttled"))).get(f"/tasks/{UNKNOWN}")

    problem = assert_problem(answer, 503)
    assert problem["detail"] == "A service we depend on does not answer; try again shortly."
    assert answer.headers["retry-after"] == "1"
    assert "DynamoDB" not in answer.text


@pytest.mark.parametrize(
    ("error", "title"),
    [(InputTooLarge("large"), "Content Too Large"), (InvalidInput([]), "Unprocessable Content")],
)
def test_titles_are_those_of_the_standard(error: Exception, title: str) -> None:
    """Python had others before 3.13."""
    assert json.loads(problem(error, "/tasks", "cause").body)["title"] == title


def test_a_change_that_loses_every_race_is_a_409() -> None:
    api = client(ContestedStore())
    problem = assert_problem(api.put(f"/tasks/{create(api)['taskId']}", json={"title": "b"}), 409)
    assert problem["type"].endswith("lost-race")
    assert problem["detail"] == "The task was changed by others 5 times in a row; try again."


def test_each_request_logs_one_line_without_its_content(log_lines: LogLines) -> None:
    api = client(InMemoryTaskStore())

    api.post("/tasks", json={"title": "private", "userId": "ada"}, headers={"X-Correlation-Id": "abc"})

    (line,) = log_lines()
    assert (line["message"], line["status"], line["correlation_id"]) == ("POST /tasks", 201, "abc")
    assert line["duration_ms"] >= 0
    assert "private" not in json.dumps(line)


def test_a_line_has_the_duration_and_the_ids_that_the_request_is_about(
    log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the path, and of what was created; a userId is a person's, and not logged."""
    api = client(InMemoryTaskStore())
    moments = (moment for start in range(9) for moment in (start, start + 0.012346))
    clock = SimpleNamespace(perf_counter=lambda: next(moments))
    monkeypatch.setattr("services.api.entry_point.time", clock)

    task_id = create(api)["taskId"]
    api.get(f"/tasks/{task_id}")
    api.get("/tasks/no-id")
    api.get(f"/users/{UNKNOWN}/stats")

    lines = [(line["message"], line.get("task_id"), line["duration_ms"]) for line in log_lines()]
    assert lines == [
        ("POST /tasks", task_id, 12.3),
        ("GET /tasks/{taskId}", task_id, 12.3),
        ("GET /tasks/{taskId}", None, 12.3),
        ("GET /users/{userId}/stats", None, 12.3),
    ]
    assert not any("user_id" in line or "_id" in line for line in log_lines())


def test_a_refusal_is_logged_for_debugging_only(log_lines: LogLines, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(logger, "debug", lambda message, **about: told.append((message, about)))
    api = client(InMemoryTaskStore())

    api.get(f"/tasks/{UNKNOWN}")
    api.get("/nothing")

    assert told == [("refused", {"reason": "TaskNotFound"}), ("refused", {"reason": "RouteNotFound"})]
    assert {line["level"] for line in log_lines()} == {"INFO"}


def test_every_write_records_its_correlation_id() -> None:
    store = InMemoryTaskStore()
    api = client(store)
    new = {"title": "a", "userId": "ada"}

    created = api.post("/tasks", json=new, headers={"X-Correlation-Id": "first"})
    path = f"/tasks/{created.json()['taskId']}"
    api.put(path, json={"title": "b"}, headers={"X-Correlation-Id": "second"})
    api.delete(path, headers={"X-Correlation-Id": "third"})
    api.post("/tasks", json=new, headers={"X-Correlation-Id": "fourth", "Idempotency-Key": "monday"})

    assert store.writes == [("put", "first"), ("replace", "second"), ("delete", "third"), ("put", "fourth")]
