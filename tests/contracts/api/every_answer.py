"""What holds for all endpoints, and the API's own documentation."""

import re

import httpx
import pytest

from tests.contracts.api.answers import UNKNOWN, assert_problem


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

    @pytest.mark.parametrize("path", ["/", "/task", "/tasks/", "/tasks/1/2/3", "/%2e%2e/etc/passwd"])
    def test_an_unknown_path_is_a_404(self, api: httpx.Client, path: str) -> None:
        problem = assert_problem(api.put(path, json={}), 404)
        assert problem["type"].endswith("no-such-route")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/tasks", {"GET", "POST"}),
            ("PATCH", f"/tasks/{UNKNOWN}", {"DELETE", "GET", "PUT"}),
            ("GET", f"/tasks/{UNKNOWN}/approval", {"POST"}),
        ],
    )
    def test_an_unsupported_method_returns_405(
        self, api: httpx.Client, method: str, path: str, allowed: set[str]
    ) -> None:
        answer = api.request(method, path)
        assert_problem(answer, 405)
        assert set(answer.headers["allow"].split(", ")) == allowed

    def test_serves_the_openapi_document(self, api: httpx.Client) -> None:
        document = api.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        assert set(document["paths"]) >= {"/tasks", "/tasks/{taskId}"}

    def test_serves_the_documentation_page(self, api: httpx.Client) -> None:
        page = api.get("/docs")

        assert page.headers["content-type"].startswith("text/html")
        assert "SwaggerUIBundle" in page.text
        assert "/tasks/{taskId}" in page.text

    def test_serves_the_page_about_events(self, api: httpx.Client) -> None:
        page = api.get("/docs/events")

        assert page.headers["content-type"].startswith("text/html")
        assert "make redrive QUEUE=created" in page.text
        assert api.get("/docs/events", headers={"If-None-Match": page.headers["etag"]}).status_code == 304

    def test_the_reference_leads_to_the_page_about_events(self, api: httpx.Client) -> None:
        (address,) = re.findall(r"\]\((.+?)\)", api.get("/openapi.json").json()["info"]["description"])

        assert api.get(f"/{address}").status_code == 200
