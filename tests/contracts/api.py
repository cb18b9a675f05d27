"""The API's contract as a client sees it.

In-process with fakes in tests/unit, over HTTP in tests/integration. Subclasses give the fixture `api`, an HTTP client.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

UNKNOWN = "0198c1d2-7b3e-7a1f-8c2d-1234567890ab"


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = api.post("/tasks", json={"title": "Water the plants", "userId": "ada"} | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def assert_problem(answer: httpx.Response, status: int, pointer: str | None = None) -> dict[str, Any]:
    """An RFC 9457 problem of this status that names what was wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = dict(answer.json())
    assert problem["status"] == status
    assert problem["type"].startswith("urn:task-manager:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert problem["correlationId"] == answer.headers["x-correlation-id"]
    assert "Traceback" not in answer.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
        assert all(error["detail"] for error in problem["errors"])
    return problem


class ApiContract:
    """POST, GET, PUT, DELETE and lists."""

    # --- POST /tasks

    def test_creates_a_task(self, api: httpx.Client) -> None:
        answer = api.post(
            "/tasks",
            json={
                "title": " Grüße 🌍 ",
                "userId": "ada",
                "priority": "low",
                "tags": ["home"],
                "description": "d",
            },
        )
        task = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"/tasks/{task['taskId']}"
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["content-type"] == "application/json"
        assert task == {
            "taskId": task["taskId"],
            "title": "Grüße 🌍",
            "description": "d",
            "priority": "low",
            "status": "pending",
            "userId": "ada",
            "tags": ["home"],
            "createdAt": task["updatedAt"],
            "updatedAt": task["updatedAt"],
            "version": 1,
        }

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
        assert api.get("/tasks", params={"userId": body["userId"]}).json()["count"] == 1

    def test_the_first_answer_is_repeated_though_the_task_has_changed(self, api: httpx.Client) -> None:
        body, headers = {"title": "once", "userId": "ada"}, {"Idempotency-Key": uuid4().hex}
        first = api.post("/tasks", json=body, headers=headers).json()
        api.put(f"/tasks/{first['taskId']}", json={"title": "changed"})
        assert api.post("/tasks", json=body, headers=headers).json() == first

    def test_an_idempotency_key_is_for_one_request(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": uuid4().hex}
        assert api.post("/tasks", json={"title": "a", "userId": "ada"}, headers=headers).status_code == 201
        assert_problem(api.post("/tasks", json={"title": "b", "userId": "ada"}, headers=headers), 422)

    def test_concurrent_retries_create_once(self, api: httpx.Client) -> None:
        body, headers = {"title": "once", "userId": uuid4().hex}, {"Idempotency-Key": uuid4().hex}
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: api.post("/tasks", json=body, headers=headers), range(6)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["taskId"] for answer in answers}) == 1
        assert api.get("/tasks", params={"userId": body["userId"]}).json()["count"] == 1

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
            b"[" * 100_000,
            b'{"title":' * 300,
            b'{"title":"\\ud800","userId":"ada"}',
            b"{'title': 'a'}",
            b'{"version":' + b"9" * 5000 + b"}",
        ],
        ids=lambda body: str(body[:20]),
    )
    @pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
    def test_a_body_that_cannot_be_read_is_malformed(
        self, api: httpx.Client, body: bytes, content_type: str
    ) -> None:
        assert_problem(api.post("/tasks", content=body, headers={"Content-Type": content_type}), 400)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ("[]", "#"),
            ("null", "#"),
            ("1e999", "#"),
            ('"title"', "#"),
            ('{"userId":"ada"}', "#/title"),
            ('{"title":"a"}', "#/userId"),
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

    def test_a_huge_body_is_refused(self, api: httpx.Client) -> None:
        body = json.dumps({"title": "a", "userId": "ada", "description": "x" * 200_000})
        answer = api.post("/tasks", content=body, headers={"Content-Type": "application/json"})
        assert_problem(answer, 413)

    def test_the_largest_task_is_accepted(self, api: httpx.Client) -> None:
        body = {
            "title": "🌍" * 200,
            "userId": "x" * 128,
            "description": "\u0001" * 5000,
            "tags": [f"{number:02}" + "🌍" * 48 for number in range(20)],
        }
        answer = api.post("/tasks", content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert answer.status_code == 201, answer.text
        assert answer.json()["description"] == body["description"]

    # --- GET /tasks/{taskId}

    def test_reads_a_task(self, api: httpx.Client) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}")
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, '"1"')

    @pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"7", "1"', "*"])
    def test_answers_not_modified_to_who_has_this_version(self, api: httpx.Client, known: str) -> None:
        task = create(api)
        answer = api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')

    def test_answers_in_full_to_who_has_another_version(self, api: httpx.Client) -> None:
        task = create(api)
        assert api.get(f"/tasks/{task['taskId']}", headers={"If-None-Match": '"2"'}).status_code == 200

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize(
        "task_id", [UNKNOWN, UNKNOWN.upper(), "1", "%20", "x" * 300, "..%2f..", "%F0%9F%8C%8D", "'"]
    )
    def test_an_unknown_task_is_not_found(self, api: httpx.Client, method: str, task_id: str) -> None:
        body = {"title": "a"} if method == "PUT" else None
        answer = api.request(method, f"/tasks/{task_id}", json=body)
        assert answer.status_code == 404
        if task_id in (UNKNOWN, "1"):
            assert task_id in assert_problem(answer, 404)["detail"]

    # --- PUT /tasks/{taskId}

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

    def test_goes_through_its_life(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        for status in ("in_progress", "pending", "in_progress", "completed"):
            assert api.put(path, json={"status": status}).json()["status"] == status
        problem = assert_problem(api.put(path, json={"status": "pending"}), 409)
        assert problem["currentStatus"] == "completed"
        assert "completed" in problem["detail"]

    def test_a_refused_transition_says_what_is_allowed(self, api: httpx.Client) -> None:
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
        assert api.put(path, json={"title": "d"}, headers={"If-Match": '"9", "2"'}).status_code == 200
        assert api.put(path, json={"title": "e"}, headers={"If-Match": "*"}).status_code == 200

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    @pytest.mark.parametrize("header", ["1", '"1', "W/1", '"1" "2"', ","])
    def test_an_unreadable_if_match_is_malformed(self, api: httpx.Client, method: str, header: str) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        body = {"title": "b"} if method == "PUT" else None
        answer = api.request(method, path, json=body, headers={"If-Match": header})
        assert_problem(answer, 400, "header/If-Match")

    def test_concurrent_changes_are_never_lost(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda number: api.put(path, json={"tags": [str(number)]}), range(12)))
        assert {answer.status_code for answer in answers} <= {200, 409}
        written = [answer.json()["version"] for answer in answers if answer.status_code == 200]
        assert sorted(written) == list(range(2, 2 + len(written)))
        assert api.get(path).json()["version"] == 1 + len(written)

    # --- DELETE /tasks/{taskId}

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

    # --- GET /tasks

    def test_lists_newest_first(self, api: httpx.Client) -> None:
        user = uuid4().hex
        tasks = [create(api, userId=user, title=str(number)) for number in range(3)]
        page = api.get("/tasks", params={"userId": user}).json()
        assert page == {
            "tasks": sorted(tasks, key=lambda t: t["taskId"], reverse=True),
            "count": 3,
            "nextCursor": None,
        }

    def test_pages_are_stable_under_inserts(self, api: httpx.Client) -> None:
        user = uuid4().hex
        before = [create(api, userId=user)["taskId"] for _ in range(5)]
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

    def test_filters_combine(self, api: httpx.Client) -> None:
        user = uuid4().hex
        tasks = [create(api, userId=user)["taskId"] for _ in range(4)]
        for task_id in tasks[:2]:
            api.put(f"/tasks/{task_id}", json={"status": "in_progress"})
        page = api.get("/tasks", params={"userId": user, "status": "in_progress"}).json()
        assert [task["taskId"] for task in page["tasks"]] == sorted(tasks[:2], reverse=True)
        assert {
            task["status"] for task in api.get("/tasks", params={"status": "in_progress"}).json()["tasks"]
        } == {"in_progress"}

    def test_lists_everything(self, api: httpx.Client) -> None:
        tasks = [create(api, priority=priority)["taskId"] for priority in ("low", "high", "medium")]
        listed = [task["taskId"] for task in api.get("/tasks", params={"limit": "3"}).json()["tasks"]]
        assert set(listed) == set(tasks)
        assert listed == sorted(listed, reverse=True)

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
            ({"userId": "a b"}, "query/userId"),
            ({"state": "pending"}, "query/state"),
        ],
    )
    def test_a_query_that_breaks_a_rule_names_the_parameter(
        self, api: httpx.Client, params: dict[str, str], pointer: str
    ) -> None:
        assert_problem(api.get("/tasks", params=params), 422, pointer)

    @pytest.mark.parametrize("cursor", ["", "x", "%", "e30", "🌍", "a" * 3000])
    def test_an_odd_cursor_is_malformed(self, api: httpx.Client, cursor: str) -> None:
        assert_problem(api.get("/tasks", params={"cursor": cursor}), 400, "query/cursor")

    def test_a_cursor_belongs_to_its_filter(self, api: httpx.Client) -> None:
        user = uuid4().hex
        for _ in range(2):
            create(api, userId=user)
        cursor = api.get("/tasks", params={"userId": user, "limit": "1"}).json()["nextCursor"]
        assert_problem(api.get("/tasks", params={"userId": "eve", "cursor": cursor}), 400, "query/cursor")

    # --- all of them

    def test_a_sane_correlation_id_comes_back(self, api: httpx.Client) -> None:
        for path in ("/tasks", f"/tasks/{UNKNOWN}"):
            answer = api.get(path, headers={"X-Correlation-Id": "order-66:a.b_c"})
            assert answer.headers["x-correlation-id"] == "order-66:a.b_c"

    @pytest.mark.parametrize("given", ["", "with blank", "x" * 129, 'quote"', "{}"])
    def test_any_other_correlation_id_is_replaced(self, api: httpx.Client, given: str) -> None:
        answer = api.get("/tasks", headers={"X-Correlation-Id": given})
        assert answer.headers["x-correlation-id"] not in ("", given)

    def test_describes_itself(self, api: httpx.Client) -> None:
        document = api.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        assert set(document["paths"]) >= {"/tasks", "/tasks/{taskId}"}

    def test_shows_its_documentation(self, api: httpx.Client) -> None:
        page = api.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert "SwaggerUIBundle" in page.text
        assert "/tasks/{taskId}" in page.text
