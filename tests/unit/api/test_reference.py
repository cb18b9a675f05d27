"""The API's reference as served: Swagger UI in one page that runs nothing else."""

import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

from services.api.openapi import document
from services.api.reference import reference
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client
from tests.unit.api.outline import digest, policy


@pytest.fixture(params=["http", "rest"])
def page(request: pytest.FixtureRequest) -> httpx.Response:
    with gateway_client(FakeServices(authenticates=True), request.param) as api:
        return api.get("/docs")


def test_the_page_is_public(page: httpx.Response) -> None:
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["x-content-type-options"] == "nosniff"


def test_an_unchanged_page_returns_304() -> None:
    with gateway_client(FakeServices()) as api:
        tag = api.get("/docs").headers["etag"]

        answer = api.get("/docs", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_page_runs_only_its_own_scripts_and_styles(page: httpx.Response) -> None:
    rules = policy(page)
    scripts = re.findall(r"<script>(.*?)</script>\n", page.text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>\n", page.text, re.DOTALL)

    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"].split() == [digest(script) for script in scripts]
    assert rules["style-src"].split() == [digest(style) for style in styles]
    assert (len(scripts), len(styles)) == (2, 2)


def test_the_page_contains_the_document(page: httpx.Response) -> None:
    (text,) = re.findall(r'id="document">(.*?)</script>', page.text, re.DOTALL)

    assert json.loads(text) == document(authenticates=True)


def test_no_text_of_the_document_ends_its_element() -> None:
    html = reference('{"title": "</script><script>alert(1)</script>"}').html

    assert "alert(1)</script>" not in html


def test_the_page_is_made_of_swagger_ui_our_own_files_and_the_document() -> None:
    page = reference('{"title": "a < b"}')

    text, *scripts = re.findall(r"<script[^>]*>(.*?)</script>\n", page.html, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>\n", page.html, re.DOTALL)
    sources = Path("services/console/reference")
    assert text == r'{"title": "a \u003c b"}'
    assert scripts[1] == (sources / "script.js").read_text("utf-8")
    assert styles[1] == (sources / "style.css").read_text("utf-8")
    assert "SwaggerUIBundle" in scripts[0]
    assert ".swagger-ui" in styles[0]
    assert page.tag == hashlib.sha256(page.html.encode()).hexdigest()[:16]
    assert page.content_security_policy.split("; ") == [
        "default-src 'none'",
        f"style-src {digest(styles[0])} {digest(styles[1])}",
        f"script-src {digest(scripts[0])} {digest(scripts[1])}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
