"""axe-core finds nothing on any page, in any state of it, light, dark and narrow."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from scripts.quality.browser import browser, show_at, trouble_with_browser
from tests.harness.axe import axe, violations
from tests.harness.console_page import ConsolePage
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")

SCREENS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
OPERATIONS = ".opblock-summary-control"
IN_USE = ("#operations-Tasks-updateTask", "#operations-Tasks-listTasks")


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with browser() as driver:
        driver.set_script_timeout(120)
        yield driver


@pytest.fixture(scope="module")
def script() -> str:
    return axe()


@pytest.fixture
def owner(api: httpx.Client) -> str:
    """An owner with a task in each column."""
    name = f"axe-{uuid4().hex[:8]}"
    tasks = [
        {"title": "Waits", "priority": "high", "tags": ["ops"]},
        {"title": "Ready", "description": "Now."},
    ]
    for task in (*tasks, {"title": "Done"}):
        created = api.post("/tasks", json=task | {"userId": name}).raise_for_status().json()
    for status in ("in_progress", "completed"):
        api.put(f"/tasks/{created['taskId']}", json={"status": status}).raise_for_status()
    return name


def click_all(driver: Chrome, selector: str) -> int:
    """Clicks every such element; how many there were."""
    clicked = """const all = [...document.querySelectorAll(arguments[0])];
        for (const element of all) element.click();
        return all.length"""
    return int(driver.execute_script(clicked, selector))


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_console(
    driver: Chrome, stack: DeployedStack, script: str, owner: str, width: int, scheme: str
) -> None:
    show_at(driver, width, 900, scheme)
    driver.get(stack.api_url)
    page = ConsolePage(driver)

    page.show_owner(owner)
    page.wait_for_card("Done", "Done")
    page.wait_for_events("Done", "Created", "Completed")
    shown = violations(driver, script, scheme)
    page.press("New task")
    dialog = violations(driver, script, scheme)

    assert (shown, dialog) == ([], [])


def test_the_reference_closed_and_in_use(driver: Chrome, stack: DeployedStack, script: str) -> None:
    def found_on_screens() -> dict[str, list[str]]:
        found = {}
        for width, scheme in SCREENS:
            show_at(driver, width, 900, scheme)
            found[f"{width} {scheme}"] = violations(driver, script, scheme)
        return {screen: rules for screen, rules in found.items() if rules}

    driver.get("about:blank")
    driver.get(f"{stack.api_url}/docs")
    eventually(lambda: driver.find_elements(By.CSS_SELECTOR, OPERATIONS), "Swagger UI")

    closed = found_on_screens()
    # One with a body and one with parameters: axe takes seconds for a screen on which all are in use.
    for operation in IN_USE:
        click_all(driver, f"{operation} {OPERATIONS}")
        click_all(driver, f"{operation} .try-out__btn")
    click_all(driver, "#operations-Tasks-listTasks .execute")
    answer = "#operations-Tasks-listTasks .live-responses-table .response-col_status"
    status = eventually(lambda: driver.find_elements(By.CSS_SELECTOR, answer), "an answer")[-1].text
    click_all(driver, ".tablinks[data-name=model]")
    in_use = found_on_screens()
    opened = click_all(driver, f"{OPERATIONS}[aria-expanded=false]")
    tried = click_all(driver, ".try-out__btn:not(.cancel)")
    models = click_all(driver, ".tablinks[data-name=model]")
    show_at(driver, 1440, 900, "light")
    all_in_use = violations(driver, script, "light")

    assert opened == tried > 5
    assert models > 50
    assert status.startswith("200")
    assert (closed, in_use, all_in_use) == ({}, {}, [])
    severe = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []  # the Content-Security-Policy refuses nothing that the page needs


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_about_events(
    driver: Chrome, stack: DeployedStack, script: str, width: int, scheme: str
) -> None:
    show_at(driver, width, 900, scheme)
    driver.get(f"{stack.api_url}/docs/events")

    click_all(driver, "summary")

    assert violations(driver, script, scheme) == []


def test_the_reference_works_by_keyboard(driver: Chrome, stack: DeployedStack) -> None:
    show_at(driver, 1440, 900)
    driver.get("about:blank")
    driver.get(f"{stack.api_url}/docs")
    eventually(lambda: driver.find_elements(By.CSS_SELECTOR, OPERATIONS), "Swagger UI")
    page = ConsolePage(driver)

    for _ in range(20):
        page.keys(Keys.TAB)
        focused = driver.switch_to.active_element
        if "opblock-summary-control" in str(focused.get_attribute("class")):
            break
    page.keys(Keys.ENTER)

    assert focused.get_attribute("aria-expanded") == "true"
    assert focused.value_of_css_property("outline-style") != "none", "the focus is to be seen"


@pytest.mark.parametrize("path", ["", "/docs", "/docs/events"])
def test_every_page_has_an_icon_of_its_own(driver: Chrome, stack: DeployedStack, path: str) -> None:
    driver.get(f"{stack.api_url}{path}")

    (icon,) = driver.find_elements(By.CSS_SELECTOR, "link[rel=icon]")

    assert str(icon.get_attribute("href")).startswith("data:image/svg+xml")
