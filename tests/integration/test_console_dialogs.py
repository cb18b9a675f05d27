"""The console's dialogs, when what they show is not what is stored, or not any more."""

import httpx
import pytest

from scripts.quality.browser import trouble_with_browser
from tests.harness.console_page import HELD, ConsolePage, create
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")


def test_an_edit_changes_the_fields_that_were_touched_and_no_others(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    stored = {"description": "One\r\nTwo", "tags": ["Berlin, Mitte"], "priority": "high"}
    task = api.post("/tasks", json={"title": "Before", "userId": user, **stored}).raise_for_status().json()
    path = f"/tasks/{task['taskId']}"
    decision = {"decision": "approve", "approver": "grace"}
    api.post(f"{path}/approval", json=decision).raise_for_status()
    page.wait_for_card("Before", "Ready")
    api.put(path, json={"status": "in_progress"}).raise_for_status()
    page.wait_for_card("Before", "In progress")

    page.press("Edit: Before")
    page.fill("Tags", "Berlin")
    page.submit("Save")

    found = api.get(path).json()
    assert (found["tags"], found["description"]) == (["Berlin"], "One\r\nTwo")
    assert found["approval"]["decision"] == "approve"


def test_an_edited_title_leaves_a_tag_with_a_comma_as_it_is(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    body = {"title": "Befor", "userId": user, "tags": ["Berlin, Mitte"]}
    task = api.post("/tasks", json=body).raise_for_status().json()
    page.wait_for_card("Befor", "Ready")

    page.press("Edit: Befor")
    page.fill("Title", "Before")
    page.submit("Save")

    page.wait_for_card("Before", "Ready")
    assert api.get(f"/tasks/{task['taskId']}").json()["tags"] == ["Berlin, Mitte"]


@pytest.mark.parametrize("answer", ["taken", "refused"])
def test_a_late_answer_leaves_the_dialog_of_another_task_alone(page: ConsolePage, answer: str) -> None:
    for title in ("First", "Second"):
        create(page, title, "Low")
        page.wait_for_card(title, "Ready")
    page.answer(f"(url, options) => options.method === 'PUT' ? {HELD} : undefined")
    page.press("Edit: First")
    page.fill("Title", "First, edited" if answer == "taken" else " ")
    page.press("Save", "//dialog[@open]")
    eventually(lambda: page.run("return 'release' in window"), "an answer that is held back")
    page.press("Cancel", "//dialog[@open]")
    page.answer("() => undefined")
    page.press("Edit: Second")

    page.run("return release()")

    assert page.run("return document.querySelector('dialog[open] [name=title]').value") == "Second"
    assert page.run("return document.querySelector('dialog[open] [aria-invalid]')") is None
    page.fill("Title", "Second, edited")
    page.submit("Save")
    page.wait_for_card("Second, edited", "Ready")
