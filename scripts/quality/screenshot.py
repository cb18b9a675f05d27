"""docs/console.png: the console on a board of plausible tasks, as the README shows it.

`make screenshot`, on a local cloud without tasks: what else is on the board would be in the picture. The same
tasks pass through it twice, and the second time is in the picture: latencies are those of a system in use.
"""

import time
from typing import Any

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.paths import ROOT
from scripts.base.progress import Steps
from scripts.deployments.target import chosen_target
from scripts.operators.reset import empty, number_of_tasks
from scripts.quality.browser import browser

PICTURE = ROOT / "docs/console.png"
WIDTH, HEIGHT = 1440, 940
DEADLINE_SECONDS = 60

Fields = dict[str, Any]

WAITING: tuple[Fields, ...] = (
    {"title": "Rotate the signing keys", "userId": "grace", "tags": ["security"],
     "description": "The partners' gateway has to trust the new ones before the old ones expire."},
    {"title": "Move invoices to the new ledger", "userId": "ada", "tags": ["billing", "migration"],
     "description": "Needs a night without a billing run."},
)  # fmt: skip
APPROVED: Fields = {"title": "Renew the wildcard certificate", "userId": "linus", "tags": ["ops"]}
REJECTED: Fields = {"title": "Drop the staging database", "userId": "linus"}
READY: tuple[Fields, ...] = (
    {"title": "Write the release notes", "userId": "ada", "priority": "low", "tags": ["docs"]},
    {"title": "Answer the auditors", "userId": "grace", "tags": ["audit"],
     "description": "Fourteen questions; the first six are about access."},
)  # fmt: skip
STARTED: tuple[Fields, ...] = (
    {"title": "Upgrade the search cluster", "userId": "linus", "tags": ["ops"]},
    {"title": "Plan the team's offsite", "userId": "grace", "priority": "low"},
)
COMPLETED: tuple[Fields, ...] = (
    {"title": "Fix the checkout test", "userId": "ada", "tags": ["tests"]},
    {"title": "Tidy the on-call rota", "userId": "grace", "priority": "low"},
)


class Board:
    """Tasks, by way of the API."""

    def __init__(self, url: str) -> None:
        self._api = http_client(url)

    def create(self, fields: Fields) -> Fields:
        """A new task."""
        return self._call("POST", "/tasks", fields)

    def move(self, task: Fields, *statuses: str) -> None:
        """The task, through these statuses."""
        for status in statuses:
            self._call("PUT", f"/tasks/{task['taskId']}", {"status": status})

    def decide(self, task: Fields, decision: str, reason: str) -> None:
        """A verdict of Grace's."""
        body = {"decision": decision, "approver": "grace", "reason": reason}
        self._call("POST", f"/tasks/{task['taskId']}/approval", body)

    def _call(self, method: str, path: str, body: Fields) -> Fields:
        answer = self._api.request(method, path, json=body)
        if answer.is_error:
            raise Failure(f"{method} {path} answered {answer.status_code}: {answer.text}")
        content: Fields = answer.json()
        return content


def fill(board: Board) -> int:
    """Plausible tasks in every status; gives how many."""
    board.decide(board.create(REJECTED | {"priority": "high"}), "reject", "It is still used for tests.")
    approved = board.create(APPROVED | {"priority": "high"})
    board.decide(approved, "approve", "It expires on Monday.")
    for fields in (*READY, *({**fields, "priority": "high"} for fields in WAITING)):
        board.create(fields)
    for fields in STARTED:
        board.move(board.create(fields), "in_progress")
    for fields in COMPLETED:
        task = board.create(fields)
        time.sleep(1)  # for an average duration above zero
        board.move(task, "in_progress", "completed")
    return len((*WAITING, *READY, *STARTED, *COMPLETED)) + 2


def settle(driver: Chrome, url: str, tasks: int) -> None:
    """Wait until the page shows all the tasks and what became of them."""
    driver.get(url)
    settled = (
        f"return document.querySelectorAll('.card').length === {tasks}"
        " && document.querySelectorAll('.card .verdict:not([hidden])').length === 2"
        " && document.querySelectorAll('#people tr').length === 3"
        " && document.querySelectorAll('.event.TaskCompleted').length === 2"
    )
    try:
        WebDriverWait(driver, DEADLINE_SECONDS).until(lambda page: page.execute_script(settled))
    except TimeoutException as error:
        raise Failure("the board shows other tasks, too: `make reset` clears it") from error


def screenshot() -> None:
    """Fill the board of the local cloud, and take the picture."""
    target = chosen_target()
    if there := number_of_tasks(target):
        raise Failure(
            f"the local cloud holds {there} tasks, which would be in the picture: `make reset` first"
        )
    steps, url = Steps(), target.outputs["api_url"]
    with browser(WIDTH, HEIGHT) as driver:
        with steps.step("Tasks that warm the functions up"):
            settle(driver, url, fill(Board(url)))
            empty(target)
        with steps.step("Tasks for the picture"):
            settle(driver, url, fill(Board(url)))
        driver.save_screenshot(str(PICTURE))
    steps.say(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")
