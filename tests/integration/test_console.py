"""The console in a browser, on the deployed stack."""

import re

import httpx
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from scripts.quality.browser import show_at, trouble_with_browser
from tests.harness.console_page import ConsolePage, create
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")


def test_a_task_is_created_approved_completed_and_deleted(page: ConsolePage, user: str) -> None:
    title = "Renew the certificate"
    create(page, title, "High")
    page.wait_for_card(title, "Approval inbox")

    page.press(f"Approve: {title}")
    page.fill("Reason", "It expires on Monday.")
    page.fill("Your name", "grace")
    page.submit("Approve")
    assert "Approved by grace: “It expires on Monday.”" in page.wait_for_card(title, "Ready")

    page.press(f"Start: {title}")
    page.wait_for_card(title, "In progress")
    page.press(f"Complete: {title}")
    assert "Completed" in page.wait_for_card(title, "Done")

    latencies = page.wait_for_events(title, "Created", "Updated", "Approved", "Completed")
    for latency in latencies.values():
        assert re.fullmatch(r"\d+ ms|[\d.]+ s", latency)
    page.wait_for_totals(user, "1", "1")

    page.press(f"Delete: {title}")
    page.submit("Delete")
    page.wait_until_gone(title)
    assert page.wait_for_events(title, "Deleted")["Deleted"] == "", (
        "known to the second: no latency is claimed"
    )


def test_a_decision_on_a_changed_task_has_to_be_confirmed(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    create(page, "Buy a boat", "High")
    page.wait_for_card("Buy a boat", "Approval inbox")
    page.press("Approve: Buy a boat")
    (task,) = api.get(f"/tasks?userId={user}").json()["tasks"]
    api.put(f"/tasks/{task['taskId']}", json={"title": "Buy a fleet", "description": "Of forty ships."})

    page.press("Approve", "//dialog[@open]")

    shown = page.wait_for_dialog("changed meanwhile")
    assert "Buy a fleet" in shown
    assert "Of forty ships." in shown

    page.submit("Approve")
    page.wait_for_card("Buy a fleet", "Ready")
    assert api.get(f"/tasks/{task['taskId']}").json()["approval"]["taskVersion"] == 2


def test_a_rejection_is_shown_with_its_reason(page: ConsolePage) -> None:
    create(page, "Drop the database", "High")

    page.press("Reject: Drop the database")
    page.fill("Reason", "Somebody tests on it.")
    page.submit("Reject")

    card = page.wait_for_card("Drop the database", "Done")
    assert "Rejected" in card
    assert "“Somebody tests on it.”" in card


def test_a_task_is_put_back_and_edited(page: ConsolePage, api: httpx.Client, user: str) -> None:
    create(page, "Water the plants", "Low")

    page.press("Start: Water the plants")
    page.press("Put back: Water the plants")
    page.wait_for_card("Water the plants", "Ready")

    page.press("Edit: Water the plants")
    page.fill("Title", "Water all the plants")
    page.fill("Tags", "home, green")
    page.submit("Save")

    assert "green" in page.wait_for_card("Water all the plants", "Ready")
    (task,) = api.get(f"/tasks?userId={user}").json()["tasks"]
    assert (task["title"], task["tags"], task["status"]) == (
        "Water all the plants",
        ["home", "green"],
        "pending",
    )


def test_changes_by_others_appear_without_reloading(page: ConsolePage, api: httpx.Client, user: str) -> None:
    task = api.post("/tasks", json={"title": "Somebody else's", "userId": user}).json()
    page.wait_for_card("Somebody else's", "Ready")

    api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"})
    page.wait_for_card("Somebody else's", "In progress")

    api.delete(f"/tasks/{task['taskId']}")
    page.wait_until_gone("Somebody else's")


def test_the_console_works_by_keyboard_alone(page: ConsolePage) -> None:
    page.tab_to("New task")
    page.keys(Keys.ENTER)
    page.keys("Typed")  # the first field has the focus
    page.tab_to("Create")
    page.keys(Keys.SPACE)
    page.wait_for_card("Typed", "Ready")

    start = page.tab_to("Start: Typed")
    assert start.value_of_css_property("outline-style") == "solid", "the focus is to be seen"
    page.keys(Keys.ENTER)
    page.wait_for_card("Typed", "In progress")

    page.tab_to("Delete: Typed")
    page.keys(Keys.ENTER)
    page.keys(Keys.ESCAPE)
    assert page.run("return document.activeElement.ariaLabel") == "Delete: Typed", "the focus comes back"
    page.keys(Keys.ENTER)
    page.tab_to("Delete")
    page.keys(Keys.ENTER)
    page.wait_until_gone("Typed")


def test_invalid_fields_show_their_errors(page: ConsolePage) -> None:
    page.press("New task")
    page.fill("Owner", "in\u200bvisible")
    page.press("Create", "//dialog[@open]")

    def errors() -> list[str]:
        ids = ("task-title-error", "task-user-error")
        return [page.run("return document.getElementById(arguments[0]).textContent", i) for i in ids]

    eventually(lambda: all(errors()), "a word on both fields")
    assert page.run("return document.activeElement.name") == "title"
    page.press("Cancel", "//dialog[@open]")


def test_a_token_is_sent_with_requests_and_kept_in_the_tab_only(page: ConsolePage) -> None:
    token = "Bearer some.token.here"
    page.press("Sign in")
    page.fill("Bearer token", token)
    page.run("""const send = window.fetch; window.sent = [];
        window.fetch = (url, options) => {
            sent.push(options.headers.Authorization);
            return send(url, options);
        }""")

    page.submit("Use token")

    eventually(lambda: token in page.run("return sent"), "a request with the token")
    sent = page.run("return sent")
    # The feed may have been read once more before the token was there.
    assert set(sent[sent.index(token) :]) == {token}
    assert page.run("return [sessionStorage.length > 0, localStorage.length, document.cookie]") == [
        True,
        0,
        "",
    ]

    page.press("Signed in")
    page.press("Remove token")
    assert "some.token.here" not in page.run("return JSON.stringify(sessionStorage)")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_fits_narrow_screens(page: ConsolePage, api: httpx.Client, user: str, width: int) -> None:
    title = "x" * 200
    api.post("/tasks", json={"title": title, "userId": user, "priority": "high", "tags": ["y" * 50]})
    page.wait_for_card(title, "Approval inbox")
    show_at(page.driver, width, 800)

    assert page.run("return document.documentElement.scrollWidth") <= width

    page.press("New task")
    assert page.run("return document.querySelector('dialog[open]').getBoundingClientRect().right") <= width
    page.press("Cancel", "//dialog[@open]")


@pytest.mark.parametrize("width", [320, 1024, 1440])
def test_the_feed_shows_the_whole_change(page: ConsolePage, api: httpx.Client, user: str, width: int) -> None:
    show_at(page.driver, width, 800)
    task = api.post("/tasks", json={"title": "Told", "userId": user, "priority": "high"}).json()
    api.post(f"/tasks/{task['taskId']}/approval", json={"decision": "approve", "approver": "grace"})

    page.wait_for_events("Told", "Created", "Approved")
    cut_off = """return [...document.querySelectorAll('.event .change')]
        .filter(change => change.scrollWidth > change.clientWidth).map(change => change.textContent)"""
    assert page.run(cut_off) == []


def test_the_page_is_dark_if_the_browser_prefers_dark(page: ConsolePage) -> None:
    def colours() -> list[list[int]]:
        script = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        return [[int(part) for part in re.findall(r"\d+", colour)] for colour in page.run(script)]

    (light_page, light_text), _ = colours(), show_at(page.driver, 1440, 940, "dark")
    dark_page, dark_text = colours()

    assert sum(light_page) > sum(light_text)
    assert sum(dark_page) < sum(dark_text)


def test_the_page_sends_requests_to_the_api_only(page: ConsolePage, stack: DeployedStack) -> None:
    asked = page.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(asked) > 6
    # The icon is part of the page.
    assert [url for url in asked if not url.startswith((f"{stack.api_url}/", "data:"))] == []


def test_the_page_works_with_a_trailing_slash(driver: Chrome, stack: DeployedStack, user: str) -> None:
    driver.get(f"{stack.api_url}/")
    page = ConsolePage(driver)
    page.show_owner(user)

    create(page, "With a slash", "Medium")

    page.wait_for_card("With a slash", "Ready")


@pytest.mark.parametrize("start", ["", "/docs"])
def test_the_page_about_events_opens_from_the_console_and_the_reference(
    driver: Chrome, stack: DeployedStack, start: str
) -> None:
    driver.get(f"{stack.api_url}{start}")
    link = "//a[contains(@href, 'docs/events')]"
    target = eventually(lambda: address(driver, link), "the link")
    driver.get_log("browser")  # what the first page has complained about

    driver.get(target)

    assert driver.current_url == f"{stack.api_url}/docs/events"
    assert driver.find_element(By.TAG_NAME, "h1").text == "Events"
    assert "API reference" in driver.find_element(By.TAG_NAME, "nav").text
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def address(driver: Chrome, path: str) -> str | None:
    """Where a link leads; None if it is not there yet."""
    found = driver.find_elements(By.XPATH, path)
    return found[0].get_attribute("href") if found else None
