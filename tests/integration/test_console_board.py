"""The console's board, against answers that are long, late, refused or cut off."""

import json
from functools import partial
from typing import Any

import httpx
import pytest

from scripts.quality.browser import trouble_with_browser
from tests.harness.console_page import CUT_OFF, HELD, ConsolePage, create
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")

FIRST_PAGE = 25
# Answers for the API, in the page: a list of so many tasks, or none at all.
LONG_LIST = """const [size, send] = [arguments[0], window.fetch];
    const taskOf = (number) => ({
        taskId: String(number).padStart(8, '0'), title: `Task ${number}`, description: '', priority: 'low',
        status: 'pending', userId: 'many', tags: [], version: 1, approval: null,
        createdAt: '2026-01-31T12:00:00.000Z', updatedAt: '2026-01-31T12:00:00.000Z',
    });
    window.fetch = (url, options) => {
        const query = new URL(url).searchParams;
        if (options.method !== 'GET' || !query.has('status')) return send(url, options);
        const first = Number(query.get('cursor') ?? size);
        const limit = query.get('status') === 'pending' ? Number(query.get('limit')) : 0;
        const last = Math.max(0, first - limit);
        const tasks = Array.from({length: first - last}, (_, index) => taskOf(first - index));
        const nextCursor = tasks.length && last ? String(last) : null;
        return Promise.resolve(Response.json({tasks, count: tasks.length, nextCursor}));
    }"""
NO_ANSWER = "window.answering = window.fetch; window.fetch = () => Promise.reject(new TypeError('refused'))"


def test_a_column_of_a_thousand_tasks_is_read_page_by_page(page: ConsolePage, user: str) -> None:
    page.run(LONG_LIST, 1000)
    page.show_owner(user)
    count = "return document.querySelector('[data-column=approved] .count').textContent"
    assert page.run(count) == "25+"

    seen = ["25+"]
    while seen[-1] != "1000":
        page.enter("Show more")
        seen.append(eventually(lambda: {page.run(count)} - {seen[-1]}, f"more than {seen[-1]}").pop())

    assert seen[1:3] == ["125+", "225+"]
    assert page.run("return document.querySelectorAll('[data-column=approved] .card').length") == 1000
    # The button is gone, so whoever pressed it by keyboard goes on at the first card of the last page.
    assert page.run("return document.activeElement.ariaLabel").endswith("Task 75")


def test_a_board_that_cannot_be_read_says_so_and_recovers_by_itself(page: ConsolePage, user: str) -> None:
    trouble = "return trouble.hidden ? '' : trouble.textContent.replace(/\\s+/g, ' ').trim()"
    page.run(NO_ANSWER)
    page.press("Filter")
    said = eventually(lambda: page.run(trouble), "word of the trouble")
    assert said == "The tasks could not be read. The API does not answer. Try again"

    page.run("window.fetch = window.answering")

    eventually(lambda: page.run("return everything.getAttribute('aria-busy')") == "false", "the board")
    assert page.run(trouble) == ""
    create(page, "Afterwards", "Low")
    page.wait_for_card("Afterwards", "Ready")


def test_a_feed_whose_answer_is_cut_off_goes_on(page: ConsolePage, api: httpx.Client, user: str) -> None:
    page.answer(f"""(url) => {{
        if (!url.pathname.endsWith('/events') || window.cut) return;
        window.cut = true;
        return {CUT_OFF};
    }}""")
    eventually(lambda: page.run("return window.cut"), "an answer that is cut off")

    api.post("/tasks", json={"title": "Afterwards", "userId": user}).raise_for_status()

    page.wait_for_card("Afterwards", "Ready")


def test_a_dialog_shows_that_an_answer_was_cut_off(page: ConsolePage) -> None:
    page.answer(f"(url, options) => options.method === 'POST' && {CUT_OFF} || undefined")
    page.press("New task")
    page.fill("Title", "Lost")

    page.press("Create", "//dialog[@open]")

    page.wait_for_dialog("The API does not answer.")
    page.press("Cancel", "//dialog[@open]")


def test_no_card_of_the_caller_before_stays_when_the_next_may_read_nothing(page: ConsolePage) -> None:
    create(page, "Confidential", "Low")
    page.wait_for_card("Confidential", "Ready")
    page.press("Sign in")  # before the feed is refused, at which the page asks for a token by itself
    page.answer("() => Response.json({message: 'Unauthorized'}, {status: 401})")

    page.press("Use token", "//dialog[@open]")

    page.wait_until_gone("Confidential")
    page.press("Cancel", "//dialog[@open]")  # the page asks for a token


def test_a_late_list_for_the_caller_before_is_not_taken_in(page: ConsolePage) -> None:
    create(page, "Confidential", "Low")
    page.wait_for_card("Confidential", "Ready")
    page.answer(f"""(url, options) => {{
        if (options.headers.Authorization) return Response.json({{}}, {{status: 403}});
        if (url.searchParams.get('status') === 'pending') return {HELD};
    }}""")
    page.press("Filter")
    eventually(lambda: page.run("return 'release' in window"), "a list that is held back")
    page.press("Sign in")
    page.fill("Bearer token", "of.another.caller")
    page.submit("Use token")
    eventually(lambda: not page.run("return trouble.hidden"), "the refusal")

    page.run("return release()")

    page.wait_until_gone("Confidential")


def test_late_events_of_the_owner_before_are_not_taken_in(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    titles = {user: "Of one", f"{user}-2": "Of the other"}
    for owner, title in titles.items():
        api.post("/tasks", json={"title": title, "userId": owner}).raise_for_status()
        eventually(partial(events_of, api, owner), f"the event of {owner}")
    page.answer(f"""(url, options) => {{
        if (url.pathname.endsWith('/events') && !options.headers['If-None-Match']) return {HELD};
    }}""")
    page.show_owner(user)
    eventually(lambda: page.run("return 'release' in window"), "the first read of the feed")
    page.run("window.first = window.release")
    page.show_owner(f"{user}-2")

    page.run("return first()")
    page.answer("() => undefined")
    page.run("return release()")

    page.wait_for_events("Of the other", "Created")
    assert "Of one" not in page.run("return events.textContent")


def test_an_event_of_another_entity_is_in_the_feed_and_reads_no_tasks(page: ConsolePage) -> None:
    event = {
        "eventId": "one", "detailType": "CommentCreated", "entity": "comment", "entityId": "2",
        "occurredAt": "2026-01-31T12:00:00.000Z", "recordedAt": "2026-01-31T12:00:00.100Z",
        "correlationId": "three", "userId": "ada", "title": "Well done", "version": 1, "changed": [],
    }  # fmt: skip
    listed = json.dumps({"events": [event], "count": 1})
    page.answer(f"""(url) => {{
        if (url.pathname.endsWith('/tasks') && !url.searchParams.has('status')) window.withoutStatus = true;
        return url.pathname.endsWith('/events') ? Response.json({listed}) : undefined;
    }}""")

    page.wait_for_events("Well done", "Comment created")

    assert page.run("return document.querySelector('.event .how').textContent") == "ada, comment"
    assert not page.run("return window.withoutStatus")


def test_tasks_that_others_changed_unseen_are_renewed_wherever_they_are_in_their_list(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    gone, changed = (api.post("/tasks", json={"title": t, "userId": user}).json() for t in ("Gone", "Old"))
    page.wait_for_card("Gone", "Ready")
    page.wait_for_card("Old", "Ready")
    page.answer("(url) => url.pathname.endsWith('/events') ? new Response(null, {status: 304}) : undefined")
    api.delete(f"/tasks/{gone['taskId']}").raise_for_status()
    api.put(f"/tasks/{changed['taskId']}", json={"title": "New"}).raise_for_status()
    for _ in range(FIRST_PAGE):
        api.post("/tasks", json={"title": "Newer", "userId": user}).raise_for_status()

    page.press("Start: Old")

    page.wait_for_card("New", "Ready")
    page.wait_until_gone("Gone")
    page.press("Start: New")
    page.wait_for_card("New", "In progress")


def test_a_task_that_was_deleted_and_restored_is_shown(
    page: ConsolePage, api: httpx.Client, user: str
) -> None:
    create(page, "Restored", "Low")
    page.wait_for_card("Restored", "Ready")
    listed = api.get("/tasks", params={"userId": user}).text
    page.press("Delete: Restored")
    page.submit("Delete")
    page.wait_until_gone("Restored")
    page.answer(
        f"(url) => url.searchParams.get('status') === 'pending' ? Response.json({listed}) : undefined"
    )

    def shown() -> bool:
        page.show_owner(user)
        return bool(page.run("return board.textContent.includes('Restored')"))

    eventually(shown, "the restored task")


def events_of(api: httpx.Client, owner: str) -> list[dict[str, Any]]:
    """What the feed shows of an owner's tasks."""
    events: list[dict[str, Any]] = api.get("/events", params={"userId": owner}).json()["events"]
    return events
