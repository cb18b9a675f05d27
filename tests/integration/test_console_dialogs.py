"""The console's dialogs, when what they show is not what is stored, or not any more."""

import httpx
import pytest

from scripts.quality.browser import trouble_with_browser
from tests.harness.console_page import HELD, ConsolePage, create
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")

VALUE = "return document.querySelector(`dialog[open] [name=${arguments[0]}]`).value"


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


@pytest.mark.parametrize("answer", ["taken", "refused", "outdated"])
def test_a_late_answer_leaves_the_dialog_of_another_task_alone(
    page: ConsolePage, api: httpx.Client, user: str, answer: str
) -> None:
    create(page, "First", "Low")
    (first,) = api.get("/tasks", params={"userId": user}).json()["tasks"]
    create(page, "Second", "Low")
    page.wait_for_card("First", "Ready")
    page.wait_for_card("Second", "Ready")
    page.answer(f"(url, options) => options.method === 'PUT' ? {HELD} : undefined")
    page.press("Edit: First")
    page.fill("Title", " " if answer == "refused" else "First, edited")
    if answer == "outdated":
        api.put(f"/tasks/{first['taskId']}", json={"tags": ["new"]}).raise_for_status()
    page.press("Save", "//dialog[@open]")
    eventually(lambda: page.run("return 'release' in window"), "an answer that is held back")
    page.press("Cancel", "//dialog[@open]")
    page.answer("() => undefined")
    page.press("Edit: Second")

    page.run("return release()")

    assert [page.run(VALUE, name) for name in ("title", "tags")] == ["Second", ""]
    assert page.run("return document.querySelector('dialog[open] [aria-invalid]')") is None
    page.fill("Title", "Second, edited")
    page.submit("Save")
    page.wait_for_card("Second, edited", "Ready")


def test_an_edit_of_a_changed_task_keeps_what_was_typed_and_can_be_saved_again(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    create(page, "Before", "Low")
    page.wait_for_card("Before", "Ready")
    page.press("Edit: Before")
    page.fill("Tags", "typed")
    change_unseen(page, api, user, title="By another")

    page.press("Save", "//dialog[@open]")

    page.wait_for_dialog("changed meanwhile. Check the new version, then save again")
    assert [page.run(VALUE, name) for name in ("title", "tags")] == ["By another", "typed"]
    page.submit("Save")
    assert "typed" in page.wait_for_card("By another", "Ready")


def test_a_deletion_of_a_changed_task_shows_its_new_title_and_has_to_be_confirmed(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    create(page, "Before", "Low")
    page.wait_for_card("Before", "Ready")
    page.press("Delete: Before")
    change_unseen(page, api, user, title="By another")

    page.press("Delete", "//dialog[@open]")

    assert "By another" in page.wait_for_dialog("changed meanwhile")
    page.submit("Delete")
    page.wait_until_gone("By another")
    assert api.get("/tasks", params={"userId": user}).json()["tasks"] == []


def change_unseen(page: ConsolePage, api: httpx.Client, user: str, **changes: str) -> None:
    """Changes the user's one task; the page's feed does not show it."""
    page.answer("(url) => url.pathname.endsWith('/events') ? new Response(null, {status: 304}) : undefined")
    (task,) = api.get("/tasks", params={"userId": user}).json()["tasks"]
    api.put(f"/tasks/{task['taskId']}", json=changes).raise_for_status()
