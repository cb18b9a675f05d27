"""POST /tasks."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import (
    OWNER,
    SUBJECTS,
    assert_problem,
    create,
    listed,
    of_a_run,
)


class CreateTaskContract:
    """See ApiContract."""

    def test_creates_a_task(self, api: httpx.Client) -> None:
        answer = api.post(
            "/tasks",
            json={
                "title": " Grüße 🌍 ",
                "userId": OWNER,
                "priority": "low",
                "tags": ["home"],
                "description": "d",
            },
        )

        task = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"tasks/{task['taskId']}"
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["content-type"] == "application/json"
        assert task == {
            "taskId": task["taskId"],
            "title": "Grüße 🌍",
            "description": "d",
            "priority": "low",
            "status": "pending",
            "userId": OWNER,
            "tags": ["home"],
            "createdAt": task["updatedAt"],
            "updatedAt": task["updatedAt"],
            "version": 1,
        }

    def test_following_the_location_reads_the_task(self, api: httpx.Client) -> None:
        answer = api.post("/tasks", json={"title": "a", "userId": OWNER})
        # As a browser or a library resolves it: against the URL that was called (RFC 9110, section 10.2.2).
        followed = api.get(urljoin(str(answer.request.url), answer.headers["location"]))
        assert (followed.status_code, followed.json()) == (200, answer.json())

    @pytest.mark.parametrize("user", SUBJECTS)
    def test_a_task_may_belong_to_any_subject(self, api: httpx.Client, user: str) -> None:
        user = of_a_run(user)

        task = create(api, userId=user)

        assert task["userId"] == user
        listed(api, [task["taskId"]], userId=user)

    def test_high_priority_waits_for_approval(self, api: httpx.Client) -> None:
        task = create(api, priority="high")
        assert task["status"] == "pending_approval"

        refused = api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"})

        problem = assert_problem(refused, 409)
        assert (problem["currentStatus"], problem["allowedStatuses"]) == ("pending_approval", [])

    def test_an_idempotency_key_creates_once(self, api: httpx.Client) -> None:
        body, headers = {"title": "once", "userId": uuid4().hex}, {"Idempotency-Key": uuid4().hex}

        first = api.post("/tasks", json=body, headers=headers)
        again = api.post("/tasks", json=body, headers=headers)

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again.headers["location"] == first.headers["location"]
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        listed(api, [first.json()["taskId"]], userId=body["userId"])

    def test_a_retry_gets_the_first_answer_after_the_task_has_changed(self, api: httpx.Client) -> None:
        body, headers = {"title": "once", "userId": OWNER}, {"Idempotency-Key": uuid4().hex}
        first = api.post("/tasks", json=body, headers=headers).json()
        api.put(f"/tasks/{first['taskId']}", json={"title": "changed"})

        assert api.post("/tasks", json=body, headers=headers).json() == first

    def test_an_idempotency_key_is_for_one_request(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": uuid4().hex}
        assert api.post("/tasks", json={"title": "a", "userId": OWNER}, headers=headers).status_code == 201
        assert_problem(api.post("/tasks", json={"title": "b", "userId": OWNER}, headers=headers), 422)

    @pytest.mark.parametrize("condition", [{"If-Match": '"7"'}, {"If-None-Match": "*"}])
    def test_a_precondition_is_ignored(self, api: httpx.Client, condition: dict[str, str]) -> None:
        answer = api.post("/tasks", json={"title": "a", "userId": OWNER}, headers=condition)
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')

    def test_concurrent_retries_create_once(self, api: httpx.Client) -> None:
        body, headers = {"title": "once", "userId": uuid4().hex}, {"Idempotency-Key": uuid4().hex}

        def retry(_: int) -> httpx.Response:
            return api.post("/tasks", json=body, headers=headers)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(retry, range(6)))

        assert {answer.status_code for answer in answers} == {201}
        (created,) = {answer.json()["taskId"] for answer in answers}
        listed(api, [created], userId=body["userId"])

    @pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside"])
    def test_an_unusable_idempotency_key_is_refused(self, api: httpx.Client, key: str) -> None:
        answer = api.post("/tasks", json={"title": "a", "userId": "ada"}, headers={"Idempotency-Key": key})
        assert_problem(answer, 422, "header/Idempotency-Key")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"   ",
            b"{",
            b'{"title": "a", "userId": "ada"',
            b"not json",
            b"\xff\xfe\x00",
            '{"title":"a","userId":"ada"}'.encode("utf-16"),
            b'\xef\xbb\xbf{"title":"a","userId":"ada"}',
            b"[" * 40_000,  # less than the limit, even as a form's %5B
            b'{"title":' * 300,
            b'{"title":"\\ud800","userId":"ada"}',
            b"{'title': 'a'}",
            b'{"version":' + b"9" * 5000 + b"}",
        ],
        ids=lambda body: str(body[:20]).replace("\\", "-"),  # pytest finds no id with a backslash again
    )
    @pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
    def test_a_body_that_cannot_be_read_is_malformed(
        self, api: httpx.Client, body: bytes, content_type: str
    ) -> None:
        assert_problem(api.post("/tasks", content=body, headers={"Content-Type": content_type}), 400)

    @pytest.mark.parametrize(
        "content_type", ["application/x-www-form-urlencoded", "text/plain", "application/xml", "json"]
    )
    def test_a_body_of_another_type_returns_415(self, api: httpx.Client, content_type: str) -> None:
        body = json.dumps({"title": "a", "userId": OWNER})

        answer = api.post("/tasks", content=body, headers={"Content-Type": content_type})

        assert_problem(answer, 415)
        assert answer.headers["accept"] == "application/json"

    @pytest.mark.requires("compressed_bodies")
    def test_a_compressed_body_returns_415(self, api: httpx.Client) -> None:
        body = gzip.compress(json.dumps({"title": "a", "userId": OWNER}).encode())
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

        answer = api.post("/tasks", content=body, headers=headers)

        assert_problem(answer, 415)
        assert answer.headers["accept-encoding"] == "identity"

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ("[]", "#"),
            ("null", "#"),
            ("1e999", "#"),
            ('"title"', "#"),
            ('{"userId":"ada"}', "#/title"),
            ('{"title":"   ","userId":"ada"}', "#/title"),
            ('{"title":NaN,"userId":"ada"}', "#/title"),
            ('{"title":{"a":[[[]]]},"userId":"ada"}', "#/title"),
            ('{"title":"a","userId":"ada","priority":"urgent"}', "#/priority"),
            ('{"title":"a","userId":"ada","tags":["x",""]}', "#/tags/1"),
            ('{"title":"a","userId":"ada","status":"completed"}', "#/status"),
            ('{"title":"a","userId":"ada","no/pe~":1}', "#/no~1pe~0"),
            ('{"title":"a","userId":"ada","version":1}', "#/version"),
        ],
    )
    def test_a_body_that_breaks_a_rule_names_the_field(
        self, api: httpx.Client, body: str, pointer: str
    ) -> None:
        answer = api.post("/tasks", content=body, headers={"Content-Type": "application/json"})
        assert_problem(answer, 422, pointer)

    def test_a_task_without_an_owner_is_refused_or_belongs_to_the_subject(
        self, api: httpx.Client, subject: str | None
    ) -> None:
        if subject is None:
            assert_problem(api.post("/tasks", json={"title": "a"}), 422, "#/userId")
        else:  # refused for its title only, so that nobody's statistics change
            problem = assert_problem(api.post("/tasks", json={"title": " "}), 422)
            assert [error["pointer"] for error in problem["errors"]] == ["#/title"]

    def test_a_huge_body_is_refused(self, api: httpx.Client) -> None:
        body = json.dumps({"title": "a", "userId": "ada", "description": "x" * 200_000})
        answer = api.post("/tasks", content=body, headers={"Content-Type": "application/json"})
        assert_problem(answer, 413)

    def test_the_largest_task_is_accepted(self, api: httpx.Client) -> None:
        body = {
            "title": "🌍" * 200,
            "userId": OWNER + "🌍" * (255 - len(OWNER)),
            "description": "\u0001" * 5000,
            "tags": [f"{number:02}" + "🌍" * 48 for number in range(20)],
        }

        answer = api.post("/tasks", content=json.dumps(body), headers={"Content-Type": "application/json"})

        assert answer.status_code == 201, answer.text
        assert answer.json()["description"] == body["description"]
