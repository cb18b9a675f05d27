"""Operates the console as a user does: by the text on it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.harness.waiting import eventually

# Raised if the page changes while it is read: look again.
_LOOK_AGAIN = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
MOST_TABS = 80
CUT_OFF = "new Response(new ReadableStream({start: (body) => body.error(new TypeError('cut off'))}))"
# An answer to url and options, held back until the page calls release(). That gives it with all of its body,
# so what follows in the page waits for nothing more; it has then a fifth of a second for it.
HELD = """new Promise((done) => { window.release = async () => {
    const answer = await window.answering(url, options);
    const body = await answer.arrayBuffer();
    done(new Response(body.byteLength ? body : null, answer));
    await new Promise((after) => setTimeout(after, 200));
}})"""


@dataclass
class ConsolePage:
    """The open page."""

    driver: Chrome

    def show_owner(self, name: str) -> None:
        """Confines the page to one owner's tasks."""
        self.run("document.getElementById('owner').value = arguments[0]", name)
        self.press("Filter")
        eventually(lambda: self.run("return everything.getAttribute('aria-busy')") == "false", "the board")

    def press(self, label: str, within: str = "") -> None:
        """Presses the button with this label, once it can be pressed."""
        path = f"//button[normalize-space(.)={label!r} or @aria-label={label!r}]"
        self.patiently(lambda: self._shown(within + path).click(), f"pressing {label!r}")

    def enter(self, label: str) -> None:
        """Presses the button with this label by keyboard, wherever the page moves it meanwhile."""
        path = f"//button[normalize-space(.)={label!r}]"
        self.patiently(lambda: self._shown(path).send_keys(Keys.ENTER), f"pressing Enter on {label!r}")

    def fill(self, label: str, text: str) -> None:
        """Writes into the field of the open dialog that has this label."""

        def write() -> None:
            found = self._shown(f"//dialog[@open]//label[normalize-space(.)={label!r}]")
            field = self.driver.find_element(By.ID, found.get_attribute("for") or "")
            field.clear()
            field.send_keys(text)

        self.patiently(write, f"filling {label!r}")

    def choose(self, label: str) -> None:
        """Picks one of the choices in the open dialog."""
        path = f"//dialog[@open]//label[normalize-space(.)={label!r}]"
        self.patiently(lambda: self._shown(path).click(), f"choosing {label!r}")

    def submit(self, label: str) -> None:
        """Confirms the open dialog, and waits until it is closed."""
        self.press(label, "//dialog[@open]")
        eventually(lambda: not self.driver.find_elements(By.CSS_SELECTOR, "dialog[open]"), "a closed dialog")

    def wait_for_dialog(self, text: str) -> str:
        """Waits until the open dialog holds this text; all of its text."""
        path = f"//dialog[@open and contains(., {text!r})]"
        return eventually(lambda: self._texts(path), f"a dialog that says {text!r}")[0]

    def wait_for_card(self, title: str, column: str) -> str:
        """Waits until the task is in this column; all of its card's text."""
        path = f"//section[header/h2[.={column!r}]]//article[.//h3[.={title!r}]]"
        return eventually(lambda: self._texts(path), f"{title!r} in {column!r}")[0]

    def wait_until_gone(self, title: str) -> None:
        """Waits until the task has no card."""
        eventually(lambda: not self._texts(f"//article[.//h3[.={title!r}]]"), f"{title!r} gone")

    def wait_for_events(self, title: str, *kinds: str) -> dict[str, str]:
        """Waits until the feed has shown all these of a task; kind → its latency as written."""
        script = """const text = (item, part) => item.querySelector(part).textContent;
            return [...document.querySelectorAll('#events li')]
            .filter(item => text(item, '.title') === arguments[0])
            .map(item => [text(item, '.what'), text(item, '.latency')])"""

        def heard() -> dict[str, str] | None:
            found = dict(self.run(script, title))
            return found if set(found) >= set(kinds) else None

        return eventually(heard, f"events {kinds} of {title!r}")

    def wait_for_totals(self, user: str, *totals: str) -> None:
        """Waits until the statistics show these numbers for the user."""
        path = f"//tr[th[.={user!r}]]"
        eventually(
            lambda: any(row.split()[1:3] == [*totals] for row in self._texts(path)), f"{user}: {totals}"
        )

    def answer(self, rule: str) -> None:
        """Answers requests in the page by a function of (url, options), or has the API answer them."""
        self.run(f"""window.answering ??= window.fetch;
            const rule = {rule};
            window.fetch = async (url, options) =>
                (await rule(new URL(url), options)) ?? window.answering(url, options)""")

    def tab_to(self, name: str) -> WebElement:
        """Moves the focus, by Tab alone, to the element with this name."""
        for _ in range(MOST_TABS):
            self.keys(Keys.TAB)
            focused = self.driver.switch_to.active_element
            if name in (self.run("return document.activeElement.ariaLabel"), focused.text):
                return focused
        raise AssertionError(f"{MOST_TABS} times Tab, and never on {name!r}")

    def keys(self, *keys: str) -> None:
        """Types on whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def complaints(self) -> list[str]:
        """The browser's errors, without answers of the API that refuse a request."""
        lines = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [line for line in lines if not re.search(r"responded with a status of (4\d\d|503)", line)]

    def run(self, script: str, *arguments: object) -> Any:
        """Runs a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def _texts(self, path: str) -> list[str]:
        try:
            texts = [element.text for element in self.driver.find_elements(By.XPATH, path)]
        except StaleElementReferenceException:
            return []
        return [text for text in texts if text]  # what is still fading in has no text yet

    def _shown(self, path: str) -> WebElement:
        for element in self.driver.find_elements(By.XPATH, path):
            if element.is_displayed():
                return element
        raise NoSuchElementException(path)

    def patiently(self, act: Callable[[], None], what: str) -> None:
        """Does it as soon as the page lets it be done, which may be drawing itself again just now."""

        def done() -> bool:
            try:
                act()
            except _LOOK_AGAIN:
                return False
            return True

        eventually(done, what)


def create(page: ConsolePage, title: str, priority: str) -> None:
    """Creates a task by the dialog."""
    page.press("New task")
    page.fill("Title", title)
    page.choose(priority)
    page.submit("Create")
