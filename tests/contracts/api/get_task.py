"""GET /tasks/{taskId}."""

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN_IDS, assert_not_found, create


class GetTaskContract:
    """See ApiContract."""

    def test_reads_a_task(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}")
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, '"1"')

    @pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"7", "1"', "*"])
    def test_a_known_version_returns_304(self, api: httpx.Client, known: str) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')

    def test_another_version_returns_the_task(self, api: httpx.Client) -> None:
        task = create(api)
        assert api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": '"2"'}).status_code == 200

    @pytest.mark.parametrize(
        ("lines", "status"), [(['"1"', '"7"'], 304), (['"7"', '"1"'], 304), (['"7"', '"8"'], 200)]
    )
    def test_repeated_if_none_match_lines_are_one_list(
        self, api: httpx.Client, lines: list[str], status: int
    ) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        answer = api.get(path, headers=[("If-None-Match", line) for line in lines])
        assert answer.status_code == status

    @pytest.mark.parametrize("task_id", UNKNOWN_IDS)
    def test_reading_an_unknown_task_returns_404(self, api: httpx.Client, task_id: str) -> None:
        assert_not_found(api.get(f"/tasks/{task_id}"), task_id)
