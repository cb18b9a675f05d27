"""docs/developer-console: each view of `make console`, light and dark, as docs/console.md shows it."""

import json
from collections.abc import Mapping

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.base.user import user_name
from scripts.console.server import serving
from scripts.console.subject import Subject
from scripts.deployments.record import running_stack
from scripts.deployments.target import LOCAL, Target
from scripts.operators.samples import SAMPLES
from scripts.quality.browser import show_at

FOLDER = ROOT / "docs/developer-console"
WIDTH, HEIGHT = 1240, 560
DEADLINE_SECONDS = 60
# Lines of one task: the board's own page asks for lists all the time.
ONLY = """const text = document.getElementById('feed-text');
    text.value = arguments[0];
    text.dispatchEvent(new Event('input'))"""
# A dead letter that nothing can read: the version is no number.
POISONED, QUEUE = "TaskUpdated", "updated"


class Gallery:
    """Takes pictures of the console's views while it follows a deployment."""

    def __init__(self, target: Target) -> None:
        self._target = target
        stack = running_stack()
        subject = Subject(target, LOCAL, stack.cloud, user_name())
        self.serving = serving(subject, free_port())

    def take(self, driver: Chrome, address: str, task: Mapping[str, str]) -> None:
        """A picture of every view, the trace being the life of this task."""
        url = self._target.outputs["dead_letter_queue_urls"][QUEUE]
        sqs = self._target.client("sqs")
        sqs.send_message(QueueUrl=url, MessageBody=poisoned())
        try:
            driver.get(address)
            driver.execute_script(ONLY, task["taskId"])
            for name, (view, sign) in views(task).items():
                self._show(driver, view, sign)
                for scheme in ("light", "dark"):
                    show_at(driver, WIDTH, HEIGHT, scheme)
                    FOLDER.mkdir(exist_ok=True)
                    driver.save_screenshot(str(FOLDER / f"{name}-{scheme}.png"))
                show_at(driver, WIDTH, HEIGHT)
        finally:
            sqs.purge_queue(QueueUrl=url)

    def _show(self, driver: Chrome, view: str, sign: str) -> None:
        driver.execute_script("location.hash = arguments[0]", view)
        try:
            WebDriverWait(driver, DEADLINE_SECONDS).until(
                lambda page: page.find_elements(By.CSS_SELECTOR, f"main > section:not([hidden]) {sign}")
            )
        except TimeoutException as error:
            raise Failure(f"the console shows no {sign} at {view}: see `make status`") from error


def views(task: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Name of a picture → where the view is, and what is to be seen there."""
    return {
        "feed": ("#/feed", ".row.reaction"),
        "trace": (f"#/task/{task['taskId']}", ".hop.reaction"),
        "letters": ("#/letters", ".card"),
        "workflows": ("#/workflows", ".card .decision"),
        "map": ("#/map", ".label"),
        "try": ("#/try", "form"),
    }


def poisoned() -> str:
    """An event that its function cannot read."""
    detail = json.loads((SAMPLES / f"{POISONED}.sample.json").read_text(encoding="utf-8"))
    return json.dumps({"detail-type": POISONED, "detail": detail | {"version": "two"}})
