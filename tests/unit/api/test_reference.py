"""The API's reference as served: Swagger UI in one page that runs nothing else."""

import json
import re

import httpx
import pytest

from services.api.openapi import document
from services.api.reference import reference
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client
from tests.unit.api.outline import digest, policy


@pytest.fixture(scope="module", params=["http", "rest"])
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
