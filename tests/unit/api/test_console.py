"""The console as built and served: one self-contained page that runs nothing else."""

import json
import re
from collections import Counter

import httpx
import pytest

from scripts.build.console import SOURCES
from services.core.status import BY_CLIENT, Status, allowed_by_client
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client
from tests.unit.api.outline import Outline, digest, policy


@pytest.fixture(scope="module", params=["http", "rest"])
def page(request: pytest.FixtureRequest) -> httpx.Response:
    # Without a token, though the gateway requires one: the page is loaded before a token is entered.
    with gateway_client(FakeServices(authenticates=True), request.param) as api:
        return api.get("/")


@pytest.fixture(scope="module")
def outline(page: httpx.Response) -> Outline:
    return Outline(page.text)


def test_the_page_is_public(page: httpx.Response) -> None:
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_an_unchanged_page_returns_304() -> None:
    with gateway_client(FakeServices()) as api:
        tag = api.get("/").headers["etag"]
        answer = api.get("/", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert api.get("/", headers={"If-None-Match": '"older"'}).status_code == 200


def test_the_page_runs_only_its_own_script_and_style(page: httpx.Response, outline: Outline) -> None:
    rules = policy(page)
    rules_for_data, script = outline.texts["script"]
    (style,) = outline.texts["style"]

    assert json.loads(rules_for_data)
    assert (
        rules["default-src"]
        == rules["base-uri"]
        == rules["form-action"]
        == rules["frame-ancestors"]
        == "'none'"
    )
    assert (rules["script-src"], rules["style-src"]) == (digest(script), digest(style))
    assert rules["connect-src"] == "'self'"
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in outline.elements if "style" in attributes]


def test_the_page_loads_nothing_from_elsewhere(page: httpx.Response, outline: Outline) -> None:
    for tag, attributes in outline.elements:
        for name in ("href", "src", "action", "data"):
            address = attributes.get(name) or ""
            assert address.startswith(("#", "data:")) or address in ("", "docs", "docs/events"), (
                f"{tag} {name}={address}"
            )
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text)
    assert set(addresses) <= {"http://www.w3.org"}  # the namespace of SVG, which is not fetched


def test_the_page_contains_its_style(page: httpx.Response) -> None:
    assert (SOURCES / "console.css").read_text(encoding="utf-8") in page.text


def test_the_script_writes_no_html(page: httpx.Response) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page.text)


def test_the_html_is_valid(outline: Outline) -> None:
    assert [i for i, times in Counter(outline.ids()).items() if times > 1] == []

    pointers = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
    named = {i for _, found in outline.elements for p in pointers for i in (found.get(p) or "").split()}

    assert named <= set(outline.ids())
    assert ("html", {"lang": "en"}) in outline.elements


def test_every_field_has_a_label_and_every_button_a_type(outline: Outline) -> None:
    labelled = {found["for"] for tag, found in outline.elements if tag == "label" and "for" in found}
    for tag, found in outline.elements:
        if tag in ("input", "textarea") and found.get("type") != "radio":  # a radio is inside its label
            assert found["id"] in labelled
        if tag == "button":
            assert found["type"] in ("button", "submit")


def test_every_id_that_the_script_looks_up_exists(page: httpx.Response, outline: Outline) -> None:
    script = outline.texts["script"][1]
    wanted = set(re.findall(r'(?:ById|byId|copyOf)\("([a-z-]+)"\)', script))

    assert len(wanted) > 10
    assert wanted <= set(outline.ids())


def test_the_rules_in_the_page_are_those_of_core(outline: Outline) -> None:
    rules = json.loads(outline.texts["script"][0])

    assert rules["statuses"] == list(Status)
    for status in BY_CLIENT:
        assert rules["moves"][status] == {
            "approved": list(allowed_by_client(status, approved=True)),
            "otherwise": list(allowed_by_client(status, approved=False)),
        }
    assert rules["limits"] == {"title": 200, "description": 5000}


def test_the_sources_are_shorter_than_300_lines() -> None:
    files = [path for path in SOURCES.rglob("*") if path.is_file() and path.name != "package-lock.json"]
    for path in files:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 300, path.name
