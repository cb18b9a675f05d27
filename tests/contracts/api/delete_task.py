"""DELETE /tasks/{taskId}."""

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN_IDS, UNREADABLE_TAGS, assert_not_found, assert_problem, create


class DeleteTaskContract:
    """See ApiContract."""

    def test_deletes_a_task(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        answer = api.delete(path)

        assert (answer.status_code, answer.content) == (204, b"")
        assert_problem(api.get(path), 404)
        assert_problem(api.delete(path), 404)

    def test_if_match_guards_a_deletion(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        api.put(path, json={"title": "b"})

        assert_problem(api.delete(path, headers={"If-Match": '"1"'}), 412)
        assert api.delete(path, headers={"If-Match": '"2"'}).status_code == 204

    @pytest.mark.parametrize("known", ["*", '"1"', 'W/"1"'])
    def test_if_none_match_guards_a_deletion(self, api: httpx.Client, known: str) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        assert_problem(api.delete(path, headers={"If-None-Match": known}), 412)
        assert api.delete(path, headers={"If-None-Match": '"2"'}).status_code == 204

    @pytest.mark.parametrize("task_id", UNKNOWN_IDS)
    def test_deleting_an_unknown_task_returns_404(self, api: httpx.Client, task_id: str) -> None:
        assert_not_found(api.delete(f"/tasks/{task_id}"), task_id)

    @pytest.mark.parametrize("header", UNREADABLE_TAGS)
    def test_deleting_with_an_unreadable_if_match_returns_400(self, api: httpx.Client, header: str) -> None:
        path = f"/tasks/{create(api)['taskId']}"

        answer = api.delete(path, headers={"If-Match": header})

        assert_problem(answer, 400, "header/If-Match")
