"""Operates the developer's console as a user does: waits for what it says, and goes from view to view."""

from uuid import uuid4

import httpx
from selenium.webdriver.remote.webelement import WebElement

from tests.harness.console_page import ConsolePage
from tests.harness.waiting import eventually


def says(page: ConsolePage, text: str, place: str = "main > section:not([hidden])") -> str:
    """Waits until a place of the page says so; all that it says."""
    script = (
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText ?? one.textContent)"
    )
    found = eventually(
        lambda: [said for said in page.run(script, place) if text in said], f"{text!r} in {place}"
    )
    return str(found[0])


def shown(page: ConsolePage, selector: str, text: str = "") -> WebElement:
    """Waits for an element with this text."""
    script = """return [...document.querySelectorAll(arguments[0])]
        .find((one) => (one.innerText ?? one.textContent).includes(arguments[1])) ?? null"""
    found: WebElement = eventually(lambda: page.run(script, selector, text), f"{selector} with {text!r}")
    return found


def press(page: ConsolePage, selector: str, text: str = "") -> None:
    """Presses an element with this text."""
    page.patiently(lambda: shown(page, selector, text).click(), f"pressing {selector}")


def write(page: ConsolePage, selector: str, text: str) -> None:
    """Writes into a field."""
    page.patiently(lambda: shown(page, selector).send_keys(text), f"writing into {selector}")


def go(page: ConsolePage, view: str) -> None:
    """Shows a view, by its place in the address."""
    page.run("location.hash = arguments[0]", f"#/{view}")


def only(page: ConsolePage, text: str) -> None:
    """Filters the feed."""
    page.run("document.getElementById('feed-text').value = arguments[0]", text)
    page.run("document.getElementById('feed-text').dispatchEvent(new Event('input'))")


def created(api: httpx.Client, **fields: str) -> dict[str, str]:
    """A task, and the id of the request that created it as `request`."""
    task = {"title": "Water the plants", "userId": f"console-{uuid4().hex[:8]}"} | fields
    answer = api.post("/tasks", json=task).raise_for_status()
    return {**answer.json(), "request": answer.headers["x-correlation-id"]}
