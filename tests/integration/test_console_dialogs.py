"""The console's dialogs, when what they show is not what is stored, or not any more."""

import httpx
import pytest

from scripts.quality.browser import trouble_with_browser
from tests.harness.console_page import ConsolePage

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
