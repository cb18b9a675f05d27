"""The page about events as built and served: complete, and without anything from elsewhere."""

import json
import re
from collections import Counter
from html import unescape

import httpx
import pytest

from scripts.build.event_page import ASYNCAPI, STYLE, render
from services.core.aggregates import EVENTS
from tests.harness.fakes import FakeServices
from tests.harness.function_map import by_trigger
from tests.harness.gateway import gateway_client
from tests.unit.api.outline import Outline, digest, policy


@pytest.fixture(scope="module", params=["http", "rest"])
def page(request: pytest.FixtureRequest) -> httpx.Response:
    # Without a token, though the gateway requires one for data.
    with gateway_client(FakeServices(authenticates=True), request.param) as api:
        return api.get("/docs/events")


@pytest.fixture(scope="module")
def outline(page: httpx.Response) -> Outline:
    return Outline(page.text)


def section(page: httpx.Response, name: str) -> str:
    """The part of the page about an event."""
    (found,) = re.findall(rf'<section id="{name}".*?</section>', page.text, re.DOTALL)
    return unescape(found)


def test_the_page_is_public(page: httpx.Response) -> None:
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["x-content-type-options"] == "nosniff"


def test_an_unchanged_page_returns_304() -> None:
    with gateway_client(FakeServices()) as api:
        tag = api.get("/docs/events").headers["etag"]

        answer = api.get("/docs/events", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_page_has_its_own_style_and_no_script(page: httpx.Response, outline: Outline) -> None:
    rules = policy(page)
    (style,) = outline.texts["style"]

    assert rules["style-src"] == digest(style)
    assert (
        rules["default-src"]
        == rules["base-uri"]
        == rules["form-action"]
        == rules["frame-ancestors"]
        == "'none'"
    )
    assert "script-src" not in rules
    assert not [
        attributes for tag, attributes in outline.elements if tag == "script" or "style" in attributes
    ]


def test_the_page_loads_nothing_from_elsewhere(page: httpx.Response, outline: Outline) -> None:
    addresses = {attributes.get(name) or "" for _, attributes in outline.elements for name in ("href", "src")}

    assert {address for address in addresses if not address.startswith(("#", "data:"))} == {
        "",
        "../",
        "../docs",
    }
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text)) <= {"http://www.w3.org"}


def test_no_id_is_used_twice_and_every_link_has_its_target(outline: Outline) -> None:
    links = {str(attributes["href"]) for tag, attributes in outline.elements if tag == "a"}

    assert [name for name, times in Counter(outline.ids()).items() if times > 1] == []
    assert {link[1:] for link in links if link.startswith("#")} == set(EVENTS)
    assert set(EVENTS) < set(outline.ids())


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_shown_with_its_meaning_schema_and_sample(page: httpx.Response, name: str) -> None:
    shown = section(page, name)
    (sample,) = re.findall(r'<pre tabindex="0">(.*?)</pre>', shown, re.DOTALL)

    assert (EVENTS[name].__doc__ or "no meaning") in shown
    assert json.loads(sample)["detail-type"] == name
    of_tasks = ("task.title", "task.approval.decision") if EVENTS[name].entity == "task" else ()
    for field in ("eventId", f"{EVENTS[name].entity}.version", *of_tasks, "changes.*.old"):
        assert f"<code>{field}</code>" in shown


@pytest.mark.parametrize("function", by_trigger("queue"))
def test_a_consumer_is_shown_with_each_of_its_events(page: httpx.Response, function: str) -> None:
    trigger = by_trigger("queue")[function]["trigger"]

    showing = {name for name in EVENTS if f"<code>{function}</code>" in section(page, name)}

    assert showing == set(trigger["detail_types"])
    for name in showing:
        shown = section(page, name)
        assert f"make redrive QUEUE={trigger['queue']}" in shown
        assert "received up to 5 times, 90 s apart" in shown
        assert "by <code>relay</code>" in shown


def test_text_of_the_document_is_no_markup() -> None:
    document = json.loads(ASYNCAPI.read_text(encoding="utf-8"))
    document["components"]["messages"]["TaskCreated"]["summary"] = "<img src=x> of `a < b`"

    html = render(document, STYLE.read_text(encoding="utf-8"))

    assert "&lt;img src=x&gt; of <code>a &lt; b</code>" in html
    assert "<img" not in html
