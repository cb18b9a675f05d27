"""The smoke test after a deployment: what it waits for, what it retries, and how it reports a failure."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.deployments.aws.bearer import claims_of, require_usable_token
from scripts.deployments.aws.smoke import FIRST_SECONDS, Patience, Smoke, smoke_test
from tests.harness.clock import Clock

Answer = Callable[[httpx.Request], httpx.Response | None]


def nothing_special(_: httpx.Request) -> None:
    """Answer as usual."""


class Api:
    """An API whose events are counted some seconds after the write; `special` answers go before its own."""

    def __init__(self, clock: Clock, counted_after: float = 0, special: Answer = nothing_special) -> None:
        self.clock = clock
        self.counted_after = counted_after
        self.special = special
        self.requests: list[httpx.Request] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.completed: list[float] = []
        self.before = 0  # tasks that the subject completed earlier
        self.keys: dict[str, dict[str, Any]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.special(request) or self.usual(request)

    def usual(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/openapi.json":
            return httpx.Response(200, json={})
        if path.endswith("/stats"):
            done = sum(self.clock.now() >= moment + self.counted_after for moment in self.completed)
            return httpx.Response(200, json={"created": self.before + done, "completed": self.before + done})
        if request.method == "POST":
            return self.create(request)
        task = self.tasks.get(path.rpartition("/")[2])
        if task is None:
            return httpx.Response(404, json={"title": "No such task"})
        if request.method == "PUT" and task.get("status") != "completed":
            task["status"] = "completed"
            self.completed.append(self.clock.now())
        if request.method == "DELETE":
            del self.tasks[task["taskId"]]
            return httpx.Response(204)
        return httpx.Response(200, json=task)

    def create(self, request: httpx.Request) -> httpx.Response:
        """A repeated key gives the first task again; a task without `userId` is the token's subject's."""
        subject = claims_of(request.headers.get("authorization", "").removeprefix("Bearer ")).get("sub")
        owner = json.loads(request.content).get("userId", subject)
        if subject and owner != subject:
            return httpx.Response(403, json={"detail": "that needs tasks/admin"})
        made = {"taskId": str(len(self.tasks) + 1), "userId": owner}
        task = self.keys.setdefault(request.headers["idempotency-key"], made)
        self.tasks[task["taskId"]] = task
        return httpx.Response(201, json=task)

    def test(self, seconds: float = 60, token: str = "", report: Any = lambda _: None) -> Smoke:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answers = httpx.MockTransport(self)
        with httpx.Client(base_url="http://api", transport=answers, headers=headers) as client:
            return smoke_test(client, Patience(seconds, self.clock, report))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def of(method: str, status: int, *, times: int | None = None, path: str = "") -> Answer:
    """Answer calls of a method with this status, the first `times` of them."""
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method != method or path not in request.url.path or left[0] == 0:
            return None
        left[0] = None if left[0] is None else left[0] - 1
        return httpx.Response(status, json={"title": "refused"})

    return answer


def token_of(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


def test_whole_life_of_a_task_is_checked(clock: Clock) -> None:
    assert "statistics by the event chain" in Api(clock).test().checks


def test_stream_that_is_read_after_three_minutes_passes_a_first_deployment(clock: Clock) -> None:
    told: list[str] = []

    smoke = Api(clock, counted_after=180).test(FIRST_SECONDS, report=told.append)

    assert smoke.seconds == pytest.approx(180, abs=2)
    assert any(line.startswith("170 of 300 s at most") for line in told)


def test_same_stream_fails_a_later_deployment_after_a_minute(clock: Clock) -> None:
    with pytest.raises(Failure, match="no event reached the statistics within 60 s"):
        Api(clock, counted_after=180).test()
    assert clock.now() < 65


def test_api_that_requires_a_token_passes_by_answering_at_all(clock: Clock) -> None:
    (only,) = Api(clock, special=of("POST", 401)).test().checks
    assert "API_TOKEN" in only


@pytest.mark.parametrize(
    ("special", "told"),
    [
        (of("GET", 500, path="openapi"), "did not serve its OpenAPI document within 60 s: 500"),
        (of("POST", 500), "could not create a task: 500"),
        (of("GET", 500, path="stats"), "could not read the statistics: 500"),
        (of("DELETE", 403), "could not delete the task: 403"),
        (of("PUT", 429), "could not PUT /tasks/1 within 60 s: PUT /tasks/1: 429"),
    ],
)
def test_failing_step_is_named(clock: Clock, special: Answer, told: str) -> None:
    with pytest.raises(Failure, match=told):
        Api(clock, special=special).test()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
def test_throttled_call_is_retried(clock: Clock, method: str, status: int) -> None:
    path = "tasks" if method != "GET" else "tasks/1"
    api = Api(clock, special=of(method, status, times=5, path=path))

    assert api.test().checks[-1] == "delete"
    assert clock.now() == pytest.approx(5)
    assert api.tasks == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_lost_answer_is_recovered_without_a_second_effect(clock: Clock, method: str) -> None:
    lost: list[str] = []

    def lose(request: httpx.Request) -> None:
        if request.method == method and not lost:
            lost.append(method)
            api.usual(request)
            raise httpx.ReadError("lost", request=request)

    api = Api(clock, special=lose)

    assert api.test().checks[-1] == "delete"
    assert (len(api.keys), len(api.completed), api.tasks) == (1, 1, {})


def test_token_without_admin_is_enough(clock: Clock) -> None:
    api = Api(clock)
    api.before = 7

    smoke = api.test(token=token_of(sub="ci", scope="tasks/read tasks/write"))

    assert smoke.checks[-1] == "delete"
    stats = [request.url.path for request in api.requests if request.url.path.endswith("/stats")]
    assert set(stats) == {"/users/ci/stats"}


def test_totals_of_earlier_tasks_do_not_count(clock: Clock) -> None:
    api = Api(clock, counted_after=1000)
    api.before = 7
    with pytest.raises(Failure, match="no event reached the statistics"):
        api.test(token=token_of(sub="ci"))


class TestTokenBeforeTheApply:
    @pytest.mark.parametrize(
        ("claims", "told"),
        [
            ({"scope": "tasks/read"}, "API_TOKEN lacks the scope tasks/write:"),
            ({"scope": ""}, "API_TOKEN lacks the scope tasks/read and tasks/write:"),
            ({"scp": ["tasks/write"]}, "API_TOKEN lacks the scope tasks/read:"),
            ({"scope": "tasks/read tasks/write", "exp": 99}, "API_TOKEN has expired"),
        ],
    )
    def test_unusable_token_is_named(
        self, claims: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("API_TOKEN", token_of(**claims))
        with pytest.raises(Failure, match=rf"{told}.*Nothing was changed"):
            require_usable_token(now=100)

    @pytest.mark.parametrize(
        "token",
        ["", "opaque", "a.b.c", token_of(sub="ci"), token_of(scope="tasks/read tasks/write", exp=101)],
    )
    def test_usable_or_unreadable_token_passes(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("API_TOKEN", token)
        require_usable_token(now=100)
