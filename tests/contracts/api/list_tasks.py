"""GET /tasks."""

from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import LISTED_SECONDS, SUBJECTS, assert_problem, create, listed, of_a_run
from tests.harness.waiting import eventually


class ListTasksContract:
    """See ApiContract."""

    def test_lists_newest_first(self, api: httpx.Client) -> None:
        user = uuid4().hex
        tasks = [create(api, userId=user, title=str(number)) for number in range(3)]
        expected = sorted(tasks, key=lambda t: t["taskId"], reverse=True)

        page = listed(api, [task["taskId"] for task in expected], userId=user)

        assert page == {"tasks": expected, "count": 3, "nextCursor": None}

    def test_pages_are_stable_under_inserts(self, api: httpx.Client) -> None:
        user = uuid4().hex
        before = [create(api, userId=user)["taskId"] for _ in range(5)]
        listed(api, sorted(before, reverse=True), userId=user)
        params = {"userId": user, "limit": "2"}
        seen: list[str] = []

        while True:
            page = api.get("/tasks", params=params).json()
            seen += [task["taskId"] for task in page["tasks"]]
            if page["nextCursor"] is None:
                break
            create(api, userId=user)
            params["cursor"] = page["nextCursor"]

        assert seen == sorted(before, reverse=True)

    @pytest.mark.parametrize("user", SUBJECTS)
    def test_a_cursor_works_for_any_subject(self, api: httpx.Client, user: str) -> None:
        user = of_a_run(user)
        tasks = [create(api, userId=user)["taskId"] for _ in range(2)]
        listed(api, tasks[::-1], userId=user)
        params = {"userId": user, "limit": "1"}

        first = api.get("/tasks", params=params).json()
        second = api.get("/tasks", params=params | {"cursor": first["nextCursor"]}).json()

        assert [page["tasks"][0]["taskId"] for page in (first, second)] == tasks[::-1]

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("limit=1&limit=2", "query/limit"),
            ("limit=1&limit=1", "query/limit"),
            ("userId=ada&userId=", "query/userId"),
            ("status=pending&userId=a%2Cb&status=completed", "query/status"),
            ("x=1&x=2", "query/x"),
        ],
    )
    def test_a_repeated_parameter_is_refused(self, api: httpx.Client, query: str, pointer: str) -> None:
        assert_problem(api.get(f"/tasks?{query}"), 422, pointer)

    @pytest.mark.parametrize(
        ("sent", "user"),
        [("a,b", "a,b"), ("a%2Cb", "a,b"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("a%20b", "a b")],
    )
    def test_commas_and_plus_signs_mean_one_thing(self, api: httpx.Client, sent: str, user: str) -> None:
        name = uuid4().hex
        task = create(api, userId=f"{name}{user}")

        page = api.get(f"/tasks?userId={name}{sent}").json()

        assert [listed["taskId"] for listed in page["tasks"]] == [task["taskId"]]

    def test_filters_combine(self, api: httpx.Client) -> None:
        user = uuid4().hex
        tasks = [create(api, userId=user)["taskId"] for _ in range(4)]
        for task_id in tasks[:2]:
            api.put(f"/tasks/{task_id}", json={"status": "in_progress"})

        listed(api, sorted(tasks[:2], reverse=True), userId=user, status="in_progress")
        assert {
            task["status"] for task in api.get("/tasks", params={"status": "in_progress"}).json()["tasks"]
        } == {"in_progress"}

    def test_lists_everything(self, api: httpx.Client) -> None:
        tasks = [create(api, priority=priority)["taskId"] for priority in ("low", "high", "medium")]

        def newest() -> list[str]:
            page = api.get("/tasks", params={"limit": "100"}).json()["tasks"]
            found = [task["taskId"] for task in page]
            return found if set(found) >= set(tasks) else []

        # Others may create tasks meanwhile, and the indexes lag on AWS.
        found = eventually(newest, "listing the new tasks", LISTED_SECONDS)

        assert found == sorted(found, reverse=True)

    def test_an_unknown_user_has_no_tasks(self, api: httpx.Client) -> None:
        answer = api.get("/tasks", params={"userId": uuid4().hex})
        assert (answer.status_code, answer.json()) == (200, {"tasks": [], "count": 0, "nextCursor": None})

    @pytest.mark.parametrize(
        ("params", "pointer"),
        [
            ({"limit": "0"}, "query/limit"),
            ({"limit": "101"}, "query/limit"),
            ({"limit": "-1"}, "query/limit"),
            ({"limit": "many"}, "query/limit"),
            ({"limit": ""}, "query/limit"),
            ({"limit": "9" * 5000}, "query/limit"),
            ({"status": "done"}, "query/status"),
            ({"status": ""}, "query/status"),
            ({"userId": ""}, "query/userId"),
            ({"userId": "a\u202eb"}, "query/userId"),
            ({"userId": "x" * 256}, "query/userId"),
            ({"state": "pending"}, "query/state"),
        ],
    )
    def test_a_query_that_breaks_a_rule_names_the_parameter(
        self, api: httpx.Client, params: dict[str, str], pointer: str
    ) -> None:
        assert_problem(api.get("/tasks", params=params), 422, pointer)

    @pytest.mark.parametrize("cursor", ["", "x", "%", "e30", "🌍", "a" * 3000])
    def test_an_unreadable_cursor_returns_400(self, api: httpx.Client, cursor: str) -> None:
        assert_problem(api.get("/tasks", params={"cursor": cursor}), 400, "query/cursor")

    def test_a_cursor_belongs_to_its_filter(self, api: httpx.Client) -> None:
        user = uuid4().hex
        tasks = [create(api, userId=user)["taskId"] for _ in range(2)]
        listed(api, sorted(tasks, reverse=True), userId=user)
        cursor = api.get("/tasks", params={"userId": user, "limit": "1"}).json()["nextCursor"]

        assert_problem(api.get("/tasks", params={"userId": "eve", "cursor": cursor}), 400, "query/cursor")
