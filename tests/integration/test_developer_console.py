"""The developer's console in a browser, on the deployed stack: every view, and what can be done there."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from scripts.console.subject import Subject
from scripts.operators.log_lines import LogLine
from scripts.quality.browser import browser, show_at, trouble_with_browser
from tests.harness.axe import axe, violations
from tests.harness.console_page import ConsolePage
from tests.harness.developer_console import created, go, only, press, says, shown, write
from tests.harness.faults import quick_retries
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")

EVENTS = 1000
# From a click to the trace, while other processes of the tests are busy; on an idle machine it is a tenth.
MOST_SECONDS = 1.0
SCREENS = [(1440, "light"), (1440, "dark"), (390, "light")]


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with browser() as driver:
        driver.set_script_timeout(60)
        yield driver


@pytest.fixture
def page(developer_console: ConsolePage) -> ConsolePage:
    return developer_console


def test_a_request_leads_to_what_followed_from_it(page: ConsolePage, api: httpx.Client) -> None:
    task = created(api)
    api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"}).raise_for_status()
    press(page, f"#feed-rows a[href='#/request/{task['request']}']", "reacted to TaskCreated")

    eventually(lambda: "record-event reacted" in says(page, "create-task POST /tasks 201"), "every hop")
    press(page, ".hop.write summary", "version 1")
    opened = says(page, "Payload", ".hop.write .insides")

    assert "Water the plants" in opened
    assert task["request"] in opened
    assert "relay" in opened
    press(page, "#trace .links a", task["taskId"])
    life = says(page, "The whole life of task")
    assert "update-task PUT /tasks/{taskId} 200" in life
    press(page, ".hop.write summary", "version 2")
    assert "pending\tin_progress" in says(page, "What changed", ".hop.write .insides")


def test_a_trace_is_shown_within_a_second_among_a_thousand_events(
    page: ConsolePage, api: httpx.Client, subject: Subject, tell: Callable[[str], None]
) -> None:
    task = created(api)
    link = f"#feed-rows a[href='#/request/{task['request']}']"
    shown(page, link, "reacted to TaskCreated")
    began = datetime.now(UTC) - timedelta(seconds=1)
    subject.index.add(
        LogLine(
            began, "relay", "INFO", "relayed", f"many-{number}",
            {"task_id": f"task-{number}", "detail_type": "TaskCreated", "version": 1, "lag_ms": 5.0},
        )
        for number in range(EVENTS)
    )  # fmt: skip
    shown(page, "#feed-rows a[href='#/request/many-999']")
    script = """const done = arguments[arguments.length - 1], started = performance.now();
        const watch = new MutationObserver(() => {
            if (document.querySelectorAll('.waterfall .hop').length > 3) done(performance.now() - started);
        });
        watch.observe(document.getElementById('trace'), {childList: true, subtree: true});
        document.querySelector(arguments[0]).click();"""

    only(page, task["request"])
    took = page.driver.execute_async_script(script, link) / 1000

    tell(f"make console: from a line to its trace among {EVENTS} events: {took * 1000:.0f} ms")
    assert took < MOST_SECONDS


def test_a_poisoned_message_is_found_read_repaired_and_redriven(
    page: ConsolePage, stack: DeployedStack
) -> None:
    sample = json.loads(Path("docs/events/TaskUpdated.sample.json").read_text(encoding="utf-8"))
    poison = sample | {
        "eventId": str(uuid4()),
        "correlationId": f"poison-{uuid4().hex[:8]}",
        "version": "two",
    }
    body = json.dumps({"detail-type": "TaskUpdated", "detail": poison})
    with quick_retries(stack, "updated"):
        stack.client("sqs").send_message(QueueUrl=stack.outputs["queue_urls"]["updated"], MessageBody=body)
        go(page, "letters")
        card = says(page, poison["correlationId"], "#letters .card")

    assert "UnreadableEvent: does not fit schema 1.0: version" in card
    press(page, "#letters .card button", "Repair")
    says(page, "does not fit schema 1.0: version", ".editor .verdict")
    editor = """const text = document.querySelector('.editor textarea');
        text.value = text.value.replace('"version": "two"', '"version": 2');
        text.dispatchEvent(new Event('input'))"""
    page.run(editor)
    says(page, "The function can read this body.", ".editor .verdict")
    press(page, ".editor button", "Redrive repaired")

    followed = says(page, "Handled.", "#letters-next")
    assert "on-updated reacted to TaskUpdated v2" in followed
    says(page, "No dead letters", "#letters")


def test_some_or_all_dead_letters_are_moved_back(page: ConsolePage, stack: DeployedStack) -> None:
    sample = json.loads(Path("docs/events/TaskDeleted.sample.json").read_text(encoding="utf-8"))
    body = json.dumps({"detail-type": "TaskDeleted", "detail": sample})
    for _ in range(3):
        url = stack.outputs["dead_letter_queue_urls"]["deleted"]
        stack.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    go(page, "letters")
    says(page, "3 dead letters", "#letters")

    press(page, "#letters .card input[type=checkbox]")
    page.press("Redrive chosen (1)")
    says(page, "2 dead letters", "#letters")
    page.press("Redrive all")

    says(page, "No dead letters", "#letters")
    says(page, "Handled.", "#letters-next")


def test_an_approval_is_decided_where_it_waits(page: ConsolePage, api: httpx.Client) -> None:
    title = f"Renew {uuid4().hex[:8]}"
    task = created(api, title=title, priority="high")
    go(page, "workflows")
    signs = {"WaitForApproval", "Deadline"}
    eventually(lambda: signs <= {*says(page, title, "#workflows .card").split()}, "the wait and its deadline")

    go(page, f"workflows/{task['taskId']}-1")
    says(page, "here", ".node.current")
    write(page, f"#reason-{task['taskId']}-1", "Needed by Monday")
    page.press(f"Approve: {title}")

    path = f"/tasks/{task['taskId']}"
    eventually(lambda: api.get(path).json()["status"] == "approved", "the approval")
    approval = api.get(path).json()["approval"]
    assert (approval["approver"], approval["reason"]) == ("grace", "Needed by Monday")
    eventually(lambda: "succeeded" in says(page, task["taskId"], "#workflows .card.drawn"), "the end, live")


def test_the_map_leads_to_a_function(page: ConsolePage, api: httpx.Client) -> None:
    api.get(f"/tasks/{created(api)['taskId']}").raise_for_status()
    go(page, "map")
    says(page, "create_task", "#map")
    eventually(lambda: page.run("return document.querySelectorAll('#map .label').length > 3"), "counts")

    page.run("document.querySelector('#map a[href=\"#/map/get_task\"]').focus()")
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()  # to a link that may be drawn anew meanwhile

    panel = says(page, "Last calls", "#function")
    assert "GET /tasks/{taskId} 200" in panel
    assert "dynamodb:GetItem" in panel
    assert "512 MB" in panel
    assert "def get_task(" in panel


def test_an_event_is_sent_a_function_invoked_broken_and_mended(page: ConsolePage, api: httpx.Client) -> None:
    task = created(api)
    go(page, "try/get_task")
    says(page, "Nothing is broken.")
    form = page.driver.find_elements(By.CSS_SELECTOR, "#try form")

    form[1].find_element(By.CSS_SELECTOR, "input").send_keys(task["taskId"])
    page.press("Invoke")
    answer = says(page, "It succeeded.", "#try form:nth-of-type(2) .outcome")
    page.run(
        "const how = document.querySelector('#try form:nth-of-type(3) .field:nth-of-type(2) select');"
        "how.value = 'throttle'; how.dispatchEvent(new Event('change'))"
    )
    page.press("Break")
    says(page, "get_task: throttled to 0 executions", "#try form:nth-of-type(3)")
    page.press("Mend everything")
    says(page, "Mended: get_task.", "#try form:nth-of-type(3)")
    page.press("Send")
    says(page, "TaskCreated is on the bus.", "#try form:nth-of-type(1)")
    press(page, "#try form:nth-of-type(1) .outcome a")

    assert '"statusCode": 200' in answer
    says(page, "on-created reacted", "#trace")


def test_the_feed_works_by_keyboard(page: ConsolePage, api: httpx.Client) -> None:
    request = created(api)["request"]
    shown(page, f"#feed-rows a[href='#/request/{request}']")
    page.tab_to("Pause")
    page.keys(Keys.ENTER)
    page.keys(Keys.TAB)
    page.keys(Keys.ARROW_DOWN)
    focused = page.run("return document.activeElement.closest('.row').previousElementSibling !== null")
    page.keys(Keys.ENTER)

    assert focused
    says(page, "What followed from request")


def test_what_is_not_known_is_said_and_can_be_tried_again(page: ConsolePage) -> None:
    go(page, "request/never-seen")
    said = says(page, "No log line names never-seen", "#trace [role=alert]")
    again = shown(page, "#trace button").text
    page.driver.get_log("browser")  # the answer of the server, a 422

    assert (said, again) == ("No log line names never-seen", "Try again")


def test_axe_finds_nothing_in_any_view_light_dark_or_narrow(
    page: ConsolePage, api: httpx.Client, stack: DeployedStack
) -> None:
    script = axe()
    task = created(api, title=f"Renew {uuid4().hex[:8]}", priority="high")
    sqs, url = stack.client("sqs"), stack.outputs["dead_letter_queue_urls"]["deleted"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    only(page, task["request"])
    shown(page, "#feed-rows .row", "reacted to TaskCreated")
    views = {
        "feed": ".row",
        f"request/{task['request']}": ".hop",
        "letters": ".card",
        "workflows": ".card",
        "map/on_created": "#function table",
        "try": "form",
    }
    found = {}

    for view, sign in views.items():
        go(page, view)
        shown(page, f"main > section:not([hidden]) {sign}")
        page.run("for (const one of document.querySelectorAll('.hop summary')) one.click()")
        for width, scheme in SCREENS:
            show_at(page.driver, width, 900, scheme)
            found[view, width, scheme] = violations(page.driver, script, scheme)
    sqs.purge_queue(QueueUrl=url)

    assert [(place, rules) for place, rules in found.items() if rules] == []
