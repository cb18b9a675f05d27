"""PUT /tasks/{taskId}."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contracts.api.answers import (
    UNKNOWN,
    UNKNOWN_IDS,
    UNREADABLE_TAGS,
    assert_not_found,
    assert_problem,
    create,
)


class UpdateTaskContract:
    """See ApiContract."""

    def test_changes_a_task(self, api: httpx.Client) -> None:
        task = create(api)

        answer = api.put(
            f"/tasks/{task['taskId']}", json={"title": "new", "status": "in_progress", "tags": []}
        )

        changed = answer.json()
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
        expected = {"title": "new", "status": "in_progress", "tags": [], "version": 2}
        assert changed == task | expected | {"updatedAt": changed["updatedAt"]}
        assert changed["updatedAt"] >= task["updatedAt"]
        assert api.get(f"/tasks/{task['taskId']}").json() == changed

    def test_no_change_is_no_write(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.put(f"/tasks/{task['taskId']}", json={"title": task["title"], "priority": "medium"})
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, '"1"')

    def test_a_task_moves_through_its_statuses(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        for status in ("in_progress", "pending", "in_progress", "completed"):
            assert api.put(path, json={"status": status}).json()["status"] == status

        problem = assert_problem(api.put(path, json={"status": "pending"}), 409)
        assert problem["currentStatus"] == "completed"
        assert "completed" in problem["detail"]

    def test_a_refused_transition_names_the_allowed_statuses(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        problem = assert_problem(api.put(path, json={"status": "approved"}), 409)

        assert problem["currentStatus"] == "pending"
        assert set(problem["allowedStatuses"]) == {"in_progress", "completed"}

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#"),
            ({"title": None}, "#/title"),
            ({"title": " "}, "#/title"),
            ({"userId": "eve"}, "#/userId"),
            ({"version": 7}, "#/version"),
            ({"status": "done"}, "#/status"),
            ({"approval": {"decision": "approve"}}, "#/approval"),
        ],
    )
    def test_a_change_that_breaks_a_rule_names_the_field(
        self, api: httpx.Client, body: dict[str, Any], pointer: str
    ) -> None:
        assert_problem(api.put(f"/tasks/{create(api)['taskId']}", json=body), 422, pointer)

    def test_if_match_guards_a_change(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        assert api.put(path, json={"title": "b"}, headers={"If-Match": '"1"'}).status_code == 200
        assert_problem(api.put(path, json={"title": "c"}, headers={"If-Match": '"1"'}), 412)
        assert_problem(api.put(path, json={"title": "c"}, headers={"If-Match": 'W/"2"'}), 412)
        assert api.get(path).json()["title"] == "b"
        assert api.put(path, json={"title": "d"}, headers={"If-Match": '"9,x", "2"'}).status_code == 200
        assert api.put(path, json={"title": "e"}, headers={"If-Match": "*"}).status_code == 200

    def test_a_refused_change_names_the_present_version(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        refused = api.put(path, json={"title": "b"}, headers={"If-Match": '"7"'})

        assert (refused.status_code, refused.headers["etag"]) == (412, '"1"')

    @pytest.mark.parametrize("known", ["*", '"1"', 'W/"1"', '"7", "1"'])
    def test_if_none_match_guards_a_change(self, api: httpx.Client, known: str) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        assert_problem(api.put(path, json={"title": "b"}, headers={"If-None-Match": known}), 412)
        assert api.get(path).json()["version"] == 1
        assert api.put(path, json={"title": "b"}, headers={"If-None-Match": '"7"'}).status_code == 200

    def test_a_precondition_is_checked_before_the_rules_of_the_task(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        assert_problem(api.put(path, json={"status": "approved"}, headers={"If-Match": '"7"'}), 412)
        assert_problem(api.put(path, json={"status": "approved"}, headers={"If-Match": '"1"'}), 409)

    def test_a_precondition_on_an_unknown_task_is_ignored(self, api: httpx.Client) -> None:
        for condition in ({"If-Match": '"1"'}, {"If-Match": "*"}, {"If-None-Match": "*"}):
            assert_problem(api.put(f"/tasks/{UNKNOWN}", json={"title": "b"}, headers=condition), 404)

    @pytest.mark.parametrize(
        ("lines", "status"),
        [
            (['"1"', '"7"'], 200),
            (['"1",, "7"', ""], 200),
            ([","], 412),
            (['"7"', '"1"'], 200),
            (['"7"', '"8", "9"'], 412),
            (['"1"', "broken"], 400),
            (["*", '"1"'], 400),
        ],
    )
    def test_repeated_if_match_lines_are_one_list(
        self, api: httpx.Client, lines: list[str], status: int
    ) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        answer = api.put(path, json={"title": "b"}, headers=[("If-Match", line) for line in lines])
        assert answer.status_code == status, answer.text

    def test_concurrent_changes_are_never_lost(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        def change(number: int) -> httpx.Response:
            return api.put(path, json={"tags": [str(number)]})

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(change, range(12)))

        assert {answer.status_code for answer in answers} <= {200, 409}
        written = [answer.json()["version"] for answer in answers if answer.status_code == 200]
        assert written
        assert sorted(written) == list(range(2, 2 + len(written)))
        assert api.get(path).json()["version"] == 1 + len(written)

    @pytest.mark.parametrize("task_id", UNKNOWN_IDS)
    def test_changing_an_unknown_task_returns_404(self, api: httpx.Client, task_id: str) -> None:
        assert_not_found(api.put(f"/tasks/{task_id}", json={"title": "a"}), task_id)

    @pytest.mark.parametrize("header", UNREADABLE_TAGS)
    def test_changing_with_an_unreadable_if_match_returns_400(self, api: httpx.Client, header: str) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        answer = api.put(path, json={"title": "b"}, headers={"If-Match": header})

        assert_problem(answer, 400, "header/If-Match")
