"""GET /tasks/{taskId}."""

from datetime import datetime
from uuid import RFC_4122, UUID

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN_IDS, assert_not_found, assert_problem, create


class GetTaskContract:
    """See ApiContract."""

    def test_reads_a_task(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}")
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, '"1"')

    def test_a_range_is_ignored(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}", headers={"Range": "bytes=0-9"})
        assert (answer.status_code, answer.json()) == (200, task)

    @pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"7", "1"', "*"])
    def test_a_known_version_returns_304(self, api: httpx.Client, known: str) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')

    def test_another_version_returns_the_task(self, api: httpx.Client) -> None:
        task = create(api)
        assert api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": '"2"'}).status_code == 200

    @pytest.mark.parametrize("wanted", ['"1"', '"7", "1"', "*"])
    def test_a_wanted_version_returns_the_task(self, api: httpx.Client, wanted: str) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}", headers={"If-Match": wanted})
        assert (answer.status_code, answer.json()) == (200, task)

    @pytest.mark.parametrize("wanted", ['"2"', 'W/"1"', ","])
    @pytest.mark.parametrize("known", [None, '"1"'])
    def test_if_match_comes_before_if_none_match(
        self, api: httpx.Client, wanted: str, known: str | None
    ) -> None:
        headers = {"If-Match": wanted} | ({"If-None-Match": known} if known else {})

        answer = api.get(f"/tasks/{create(api)['taskId']}", headers=headers)

        assert_problem(answer, 412)
        assert answer.headers["etag"] == '"1"'

    def test_a_precondition_on_a_date_is_ignored(self, api: httpx.Client) -> None:
        """No answer has a Last-Modified date to compare it with."""
        path = f"/tasks/{create(api)['taskId']}"
        long_ago, ahead = "Sat, 01 Jan 2000 00:00:00 GMT", "Tue, 01 Jan 2999 00:00:00 GMT"

        answer = api.get(path, headers={"If-Modified-Since": ahead, "If-Unmodified-Since": long_ago})

        assert answer.status_code == 200
        assert "last-modified" not in answer.headers

    def test_letters_of_an_id_may_be_of_either_case(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId'].upper()}")
        assert (answer.status_code, answer.json()) == (200, task)

    def test_a_task_id_is_a_version_7_uuid_of_this_time(self, api: httpx.Client) -> None:
        task = create(api)

        task_id = UUID(task["taskId"])

        created = datetime.fromisoformat(task["createdAt"])
        assert (task_id.version, task_id.variant, str(task_id)) == (7, RFC_4122, task["taskId"])
        assert task_id.int >> 80 == int(created.timestamp() * 1000)

    @pytest.mark.parametrize(
        ("lines", "status"),
        [(['"3",, "1" ,'], 304), (['"1"', '"7"'], 304), (['"7"', '"1"'], 304), (['"7"', '"8"'], 200)],
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
