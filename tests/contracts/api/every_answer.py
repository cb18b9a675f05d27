"""What holds for all endpoints, and the API's own documentation."""

import re
from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN, assert_problem, create

PUBLIC = ("/openapi.json", "/docs")
READABLE = ("/tasks/{task}", "/tasks?userId={user}", "/users/{user}/stats", "/events?userId={user}", *PUBLIC)


class EveryAnswerContract:
    """See ApiContract."""

    def test_a_sane_correlation_id_comes_back(self, api: httpx.Client) -> None:
        for path in ("/tasks", f"/tasks/{UNKNOWN}"):
            answer = api.get(path, headers={"X-Correlation-Id": "order-66:a.b_c"})
            assert answer.headers["x-correlation-id"] == "order-66:a.b_c"

    @pytest.mark.parametrize("given", ["", "with blank", "x" * 129, 'quote"', "{}"])
    def test_any_other_correlation_id_is_replaced(self, api: httpx.Client, given: str) -> None:
        answer = api.get("/tasks", headers={"X-Correlation-Id": given})
        assert answer.headers["x-correlation-id"] not in ("", given)

    def test_repeated_correlation_ids_are_replaced(self, api: httpx.Client) -> None:
        answer = api.get("/tasks", headers=[("X-Correlation-Id", "a"), ("X-Correlation-Id", "b")])
        assert answer.headers["x-correlation-id"] not in ("a", "b", "a,b", "a, b")

    @pytest.mark.parametrize("path", ["/tasks/%7Cx", "/users/%01%22/stats", "/tasks/%E4%B8%96"])
    def test_a_problem_names_its_instance_as_a_uri(self, api: httpx.Client, path: str) -> None:
        instance = assert_problem(api.get(path), api.get(path).status_code)["instance"]
        assert re.fullmatch(r"(/([\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)+", instance, re.ASCII)
        assert instance.endswith(path)

    @pytest.mark.parametrize("path", ["/task", "/tasks/", "/tasks/1/2/3", "/%2e%2e/etc/passwd"])
    def test_an_unknown_path_is_a_404(self, api: httpx.Client, path: str) -> None:
        problem = assert_problem(api.put(path, json={}), 404)
        assert problem["type"].endswith("no-such-route")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/tasks", {"GET", "HEAD", "OPTIONS", "POST"}),
            ("PATCH", f"/tasks/{UNKNOWN}", {"DELETE", "GET", "HEAD", "OPTIONS", "PUT"}),
            ("GET", f"/tasks/{UNKNOWN}/approval", {"OPTIONS", "POST"}),
            ("POST", "/users/ada/stats", {"GET", "HEAD", "OPTIONS"}),
            ("PUT", "/", {"GET", "HEAD", "OPTIONS"}),
            ("DELETE", "/docs", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    def test_an_unsupported_method_returns_405(
        self, api: httpx.Client, method: str, path: str, allowed: set[str]
    ) -> None:
        answer = api.request(method, path)
        assert_problem(answer, 405)
        assert set(answer.headers["allow"].split(", ")) == allowed

    @pytest.mark.parametrize("path", READABLE)
    def test_a_head_is_answered_as_the_get_without_its_content(self, api: httpx.Client, path: str) -> None:
        path = path.format(task=create(api)["taskId"], user=uuid4().hex)
        read = api.get(path)

        answer = api.head(path)

        assert (answer.status_code, answer.content) == (200, b"")
        for name in ("etag", "content-type"):
            assert answer.headers.get(name) == read.headers.get(name)
        # Where a length is given, it is that of the content of the GET (RFC 9110, section 8.6).
        assert answer.headers.get("content-length") in (None, str(len(read.content)))

    @pytest.mark.parametrize("path", [path for path in READABLE if not path.startswith("/tasks?")])
    def test_what_the_caller_has_returns_304(self, api: httpx.Client, path: str) -> None:
        path = path.format(task=create(api)["taskId"], user=uuid4().hex)
        tag = {"If-None-Match": api.get(path).headers["etag"]}

        answers = [api.head(path, headers=tag), api.get(path, headers=tag)]

        assert [answer.status_code for answer in answers] == [304, 304]

    def test_a_head_of_an_unknown_task_returns_404(self, api: httpx.Client) -> None:
        answer = api.head(f"/tasks/{UNKNOWN}")
        assert (answer.status_code, answer.content) == (404, b"")

    @pytest.mark.parametrize("path", [*READABLE, f"/tasks/{UNKNOWN}"])
    def test_caches_have_to_ask_each_time(self, api: httpx.Client, path: str) -> None:
        answer = api.get(path.format(task=create(api)["taskId"], user=uuid4().hex))

        directives = answer.headers["cache-control"].split(", ")
        assert "no-cache" in directives
        assert ("private" in directives) == (path not in PUBLIC)
        assert "origin" in answer.headers["vary"].lower()

    def test_a_304_has_the_headers_of_the_200(self, api: httpx.Client) -> None:
        path = f"/tasks/{create(api)['taskId']}"
        read = api.get(path)

        answer = api.get(path, headers={"If-None-Match": read.headers["etag"]})

        for name in ("etag", "cache-control", "vary"):
            assert answer.headers[name] == read.headers[name]

    @pytest.mark.parametrize("accept", ["text/html", "application/xml;q=0.9", "*/*"])
    def test_json_is_sent_whatever_is_accepted(self, api: httpx.Client, accept: str) -> None:
        headers = {"Accept": accept}
        assert api.get("/tasks", headers=headers).headers["content-type"] == "application/json"
        assert_problem(api.get(f"/tasks/{UNKNOWN}", headers=headers), 404)

    def test_serves_the_openapi_document(self, api: httpx.Client) -> None:
        document = api.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        assert set(document["paths"]) >= {"/tasks", "/tasks/{taskId}"}

    def test_serves_the_documentation_page(self, api: httpx.Client) -> None:
        page = api.get("/docs")

        assert page.headers["content-type"].startswith("text/html")
        assert "SwaggerUIBundle" in page.text
        assert "/tasks/{taskId}" in page.text
        assert '<link rel="icon" href="data:image/svg+xml' in page.text

    def test_serves_the_page_about_events(self, api: httpx.Client) -> None:
        page = api.get("/docs/events")

        assert page.headers["content-type"].startswith("text/html")
        assert "make redrive QUEUE=created" in page.text
        assert api.get("/docs/events", headers={"If-None-Match": page.headers["etag"]}).status_code == 304

    def test_the_reference_leads_to_the_page_about_events(self, api: httpx.Client) -> None:
        (address,) = re.findall(r"\]\((.+?)\)", api.get("/openapi.json").json()["info"]["description"])

        assert api.get(f"/{address}").status_code == 200
