"""The API with authentication: which callers are accepted, and what each may see and do."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from services.composition import AwsServices
from services.core.callers import Scope
from services.settings import Settings
from tests.contracts.api import UNKNOWN, ApiContract, assert_problem, create
from tests.contracts.api.answers import SUBJECTS
from tests.harness.fakes import FakeServices, InMemoryTaskStore
from tests.harness.gateway import gateway_client
from tests.unit.api.test_openapi import SCOPES

ALL = " ".join(Scope)
MINE = f"{Scope.READ} {Scope.WRITE}"

As = Callable[..., httpx.Client]


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(authenticates=True)


@pytest.fixture
def caller(services: FakeServices) -> As:
    """The API as a subject with scopes sees it."""
    return lambda subject, scope=MINE: gateway_client(services, claims={"sub": subject, "scope": scope})


def call(api: httpx.Client, route: str) -> httpx.Response:
    method, path = route.split(" ")
    body = {"decision": "approve"} if "approval" in path else {"title": "a"}
    concrete = path.replace("{taskId}", UNKNOWN).replace("{userId}", "ada")
    concrete += "?userId=ada" if path == "/users/stats" else ""
    return api.request(method, concrete, json=body if method in ("POST", "PUT") else None)


class TestAdminsFindTheApiUnchanged(ApiContract):
    """With every scope the API behaves as without authentication, except that the caller is the approver."""

    @pytest.fixture
    def api(self, services: FakeServices) -> Iterator[httpx.Client]:
        with gateway_client(services, claims={"sub": "grace", "scope": ALL}) as client:
            yield client

    @pytest.fixture
    def subject(self) -> str:
        return "grace"


class TestAuthentication:
    @pytest.mark.parametrize("route", [route for route, scope in SCOPES.items() if scope != "public"])
    @pytest.mark.parametrize("claims", [None, {}, {"scope": ALL}, {"sub": "", "scope": ALL}])
    def test_a_request_without_verified_claims_is_a_401(
        self, services: FakeServices, route: str, claims: dict[str, str] | None
    ) -> None:
        for api_type in ("http", "rest"):
            with gateway_client(services, api_type, claims=claims) as api:
                answer = call(api, route)
            problem = assert_problem(answer, 401)
            assert problem["type"].endswith(":not-authenticated")
            assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_a_subject_is_a_user(self, services: FakeServices, subject: str) -> None:
        for api_type in ("http", "rest"):
            api = gateway_client(services, api_type, claims={"sub": subject, "scope": MINE})
            task = create(api, userId=subject)
            assert api.get(f"/tasks/{task['taskId']}").json() == task
            assert task in api.get("/tasks").json()["tasks"]
            statistics = api.get("/users/stats", params={"userId": subject})
            assert (statistics.status_code, statistics.json()["userId"]) == (200, subject)
            assert_problem(api.get("/users/stats", params={"userId": f"{subject[:-1]}!"}), 403)

    @pytest.mark.parametrize("subject", [" ", " ada", "ada ", "x" * 256, "ada\n", "a\u200bb", "\ud800"])
    def test_a_subject_that_is_no_user_id_is_a_401(self, caller: As, subject: str) -> None:
        assert "subject" in assert_problem(caller(subject).get("/tasks"), 401)["detail"]

    @pytest.mark.parametrize("route", [route for route, scope in SCOPES.items() if scope != "public"])
    def test_each_route_requires_its_scope(self, caller: As, route: str) -> None:
        others = " ".join(scope for scope in Scope if scope != SCOPES[route])

        answer = call(caller("ada", others), route)

        assert SCOPES[route] in assert_problem(answer, 403)["detail"]
        assert f'scope="{SCOPES[route]}"' in answer.headers["www-authenticate"]
        assert call(caller("ada", SCOPES[route]), route).status_code not in (401, 403)

    @pytest.mark.parametrize("path", ["/docs", "/docs/events", "/openapi.json"])
    def test_the_api_description_is_public(self, services: FakeServices, path: str) -> None:
        assert gateway_client(services).get(path).status_code == 200

    @pytest.mark.parametrize(
        "scopes",
        [
            {"scope": MINE},
            {"scp": MINE},
            {"scp": "[tasks/read tasks/write]"},
            {"scp": "[tasks/read, tasks/write]"},
            {"scp": "[tasks/read,tasks/write]"},
        ],
    )
    def test_scopes_are_read_as_issuers_write_them(
        self, services: FakeServices, scopes: dict[str, str]
    ) -> None:
        api = gateway_client(services, claims={"sub": "ada"} | scopes)
        task = create(api, userId="ada")
        assert api.get(f"/tasks/{task['taskId']}").json() == task

    def test_a_function_without_auth_mode_refuses_every_request(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AUTH_MODE", raising=False)
        with gateway_client(AwsServices(Settings(os.environ)), claims={"sub": "ada", "scope": ALL}) as api:
            for route, scope in SCOPES.items():
                assert scope == "public" or call(api, route).status_code == 500


class TestOwnership:
    def test_a_task_belongs_to_its_creator(self, caller: As) -> None:
        ada = caller("ada")

        unnamed = ada.post("/tasks", json={"title": "a"})

        assert (unnamed.status_code, unnamed.json()["userId"]) == (201, "ada")
        assert create(ada, userId="ada")["userId"] == "ada"

    def test_creating_a_task_for_another_user_is_a_403(self, caller: As, services: FakeServices) -> None:
        answer = caller("ada").post("/tasks", json={"title": "a", "userId": "grace"})

        assert "userId" in assert_problem(answer, 403)["detail"]
        assert isinstance(services.tasks, InMemoryTaskStore)
        assert services.tasks.writes == []

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_another_users_task_is_a_404(self, caller: As, method: str) -> None:
        task_id = create(caller("grace"), userId="grace")["taskId"]
        path = f"/tasks/{task_id}"
        body = {"title": "mine now"} if method == "PUT" else None

        for headers in ({}, {"If-Match": '"1"'}, {"If-None-Match": '"1"'}):
            answer = caller("ada").request(method, path, json=body, headers=headers)
            problem = assert_problem(answer, 404)
            nobodys = assert_problem(call(caller("ada"), f"{method} /tasks/{{taskId}}"), 404)
            assert {**problem, **told(nobodys)} == {**nobodys, **told(nobodys)}, "tells that it is there"
            assert problem["detail"] == nobodys["detail"].replace(UNKNOWN, task_id)

        assert caller("grace").get(path).json()["title"] == "Water the plants"

    def test_a_listing_holds_the_callers_tasks(self, caller: As) -> None:
        mine = [create(caller("ada"), userId="ada")["taskId"] for _ in range(3)]
        create(caller("grace"), userId="grace")

        page = caller("ada").get("/tasks", params={"limit": "2"}).json()
        rest = caller("ada").get("/tasks", params={"limit": "2", "cursor": page["nextCursor"]}).json()

        assert [task["taskId"] for task in page["tasks"] + rest["tasks"]] == mine[::-1]
        assert_problem(caller("ada").get("/tasks", params={"userId": "grace"}), 403)

    def test_another_users_cursor_is_a_400(self, caller: As) -> None:
        for _ in range(2):
            create(caller("ada"), userId="ada")
        cursor = caller("ada").get("/tasks", params={"limit": "1"}).json()["nextCursor"]

        stolen = caller("grace").get("/tasks", params={"limit": "1", "cursor": cursor})

        assert_problem(stolen, 400, "query/cursor")

    def test_statistics_are_for_their_owner(self, caller: As) -> None:
        assert caller("ada").get("/users/ada/stats").json()["userId"] == "ada"
        assert_problem(caller("ada").get("/users/grace/stats"), 403)

    def test_two_users_may_use_the_same_idempotency_key(self, caller: As) -> None:
        headers = {"Idempotency-Key": "monday"}

        answers = [caller(u).post("/tasks", json={"title": "a"}, headers=headers) for u in ("ada", "grace")]

        assert [answer.json()["userId"] for answer in answers] == ["ada", "grace"]
        assert not any("idempotency-replayed" in answer.headers for answer in answers)

    def test_naming_the_caller_as_owner_is_the_same_request(self, caller: As) -> None:
        headers = {"Idempotency-Key": "monday"}
        first, again = (
            caller("ada").post("/tasks", json={"title": "a"} | named, headers=headers)
            for named in ({}, {"userId": "ada"})
        )
        assert (again.status_code, again.json()) == (201, first.json())

    def test_admins_reach_every_task(self, caller: As) -> None:
        admin = caller("root", f"{MINE} {Scope.ADMIN}")
        task = create(admin, userId="ada")

        assert admin.get(f"/tasks/{task['taskId']}").json() == task
        assert [t["taskId"] for t in admin.get("/tasks").json()["tasks"]] == [task["taskId"]]
        assert admin.get("/users/ada/stats").status_code == 200
        assert admin.delete(f"/tasks/{task['taskId']}").status_code == 204


class TestApproving:
    @pytest.fixture
    def task(self, caller: As) -> dict[str, Any]:
        return create(caller("ada"), userId="ada", priority="high")

    def test_the_approver_is_the_caller(self, caller: As, task: dict[str, Any]) -> None:
        answer = caller("grace", Scope.APPROVE).post(approval(task), json={"decision": "approve"})
        assert (answer.status_code, answer.json()["approver"]) == (202, "grace")

    @pytest.mark.parametrize("scopes", [Scope.APPROVE, ALL])
    def test_deciding_on_an_own_task_is_a_403(self, caller: As, task: dict[str, Any], scopes: str) -> None:
        answer = caller("ada", scopes).post(approval(task), json={"decision": "approve"})
        assert "their own" in assert_problem(answer, 403)["detail"]

    def test_deciding_in_anothers_name_is_a_403(self, caller: As, task: dict[str, Any]) -> None:
        body = {"decision": "approve", "approver": "barbara"}

        refused = caller("grace", Scope.APPROVE).post(approval(task), json=body)
        assert "approver" in assert_problem(refused, 403)["detail"]

        in_own_name = caller("grace", Scope.APPROVE).post(approval(task), json=body | {"approver": "grace"})
        assert in_own_name.status_code == 202


def approval(task: dict[str, Any]) -> str:
    return f"/tasks/{task['taskId']}/approval"


def told(problem: dict[str, Any]) -> dict[str, Any]:
    """The fields that name the request, and so differ between any two."""
    return {name: problem[name] for name in ("detail", "instance", "correlationId")}
