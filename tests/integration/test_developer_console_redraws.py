"""Views of the developer's console that are drawn anew while somebody uses them."""

from uuid import uuid4

import httpx
import pytest

from scripts.quality.browser import show_at, trouble_with_browser
from tests.harness.console_page import CUT_OFF, HELD, ConsolePage
from tests.harness.developer_console import created, go, says, shown
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")

FOCUSED = """const { activeElement: at } = document;
    return [at.localName, at.ariaLabel ?? at.querySelector('.name')?.textContent ?? at.id]"""


@pytest.fixture
def page(developer_console: ConsolePage) -> ConsolePage:
    return developer_console


def test_the_map_stays_scrolled_and_the_focus_elsewhere(page: ConsolePage, api: httpx.Client) -> None:
    show_at(page.driver, 390, 300)
    go(page, "map")
    says(page, "create_task", "#map")
    page.answer(f"(url, options) => url.pathname.endsWith('/map') ? {HELD} : undefined")
    page.run("document.querySelector('#map a').focus({preventScroll: true})")
    created(api)
    eventually(lambda: page.run("return 'release' in window"), "a map that is held back")

    page.run("""document.querySelector('nav a').focus({preventScroll: true});
        scrollTo(0, 60);
        Object.assign(document.querySelector('#map .graph'), {scrollLeft: 40, isOld: true});""")
    page.run("return release()")

    eventually(lambda: page.run("return !document.querySelector('#map .graph').isOld"), "a map drawn anew")
    assert page.run("return [document.querySelector('#map .graph').scrollLeft, scrollY]") == [40, 60]
    assert page.run("return document.activeElement === document.querySelector('nav a')")


def test_the_focus_stays_on_the_hop_of_a_trace_that_goes_on(page: ConsolePage, api: httpx.Client) -> None:
    task = created(api)
    go(page, f"task/{task['taskId']}")
    eventually(lambda: "record-event reacted" in says(page, "create-task POST /tasks 201"), "every hop")
    page.run("document.querySelector('#trace summary').focus()")
    focused = page.run(FOCUSED)

    api.put(f"/tasks/{task['taskId']}", json={"status": "in_progress"}).raise_for_status()

    says(page, "update-task PUT /tasks/{taskId} 200", "#trace")
    assert focused[0] == "summary"
    assert page.run(FOCUSED) == focused


def test_the_focus_stays_on_a_dead_letter_and_goes_to_the_view_with_it(
    page: ConsolePage, stack: DeployedStack
) -> None:
    sqs, url = stack.client("sqs"), stack.outputs["dead_letter_queue_urls"]["deleted"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    go(page, "letters")
    shown(page, "#letters .card button", "Redrive")
    page.run("document.querySelector('#letters .card .actions button:last-child').focus()")
    focused = page.run(FOCUSED)

    sqs.send_message(QueueUrl=url, MessageBody="poison as well")
    says(page, "2 dead letters", "#letters")

    assert focused[1].startswith("Redrive: ")
    assert page.run(FOCUSED) == focused
    sqs.purge_queue(QueueUrl=url)
    says(page, "No dead letters", "#letters")
    assert page.run("return document.activeElement.id") == "view-letters"


def test_the_focus_stays_on_a_decision_and_states_stay_open(page: ConsolePage, api: httpx.Client) -> None:
    title = f"Renew {uuid4().hex[:8]}"
    task = created(api, title=title, priority="high")
    go(page, f"workflows/{task['taskId']}-1")
    eventually(lambda: "WaitForApproval" in says(page, title, "#workflows .card"), "the wait")
    page.run("document.querySelector('#workflows summary').click()")
    page.run("document.querySelector(`[aria-label='Approve: ${arguments[0]}']`).focus()", title)
    other = f"Renew {uuid4().hex[:8]}"

    created(api, title=other, priority="high")

    says(page, other, "#workflows .card")
    assert page.run(FOCUSED) == ["button", f"Approve: {title}"]
    assert page.run("return document.querySelector('#workflows details').open")


def test_an_answer_that_is_cut_off_is_said(page: ConsolePage) -> None:
    page.answer(f"(url) => url.pathname.endsWith('/map') ? {CUT_OFF} : undefined")

    go(page, "map")

    says(page, "The console does not answer", "#map [role=alert]")
