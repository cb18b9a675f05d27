"""What a demonstration consists of: requests, events and effects, each printed with the time that it took."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from scripts.base.failure import Failure
from scripts.base.waiting import until
from scripts.deployments.target import Target
from scripts.deployments.tokens import api_client
from scripts.operators.events import describe_changes
from scripts.operators.tap import ReceivedEvent, Tap
from services.core.reactions import archive_key

DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.05
OWNER = "ada"
APPROVER = "grace"


class Demonstration:
    """Makes requests and prints them, with the events and effects that follow."""

    def __init__(self, target: Target, bus: Tap) -> None:
        self._console = Console(highlight=False)
        self._target = target
        self._bus = bus
        self._api = api_client(target, OWNER)
        self._approver = api_client(target, APPROVER)
        self._received: list[ReceivedEvent] = []

    def say(self, text: str) -> None:
        """A sentence between the steps."""
        self._console.print(f"\n[bold]{text}[/]")

    def show(self, text: str | Text) -> None:
        """A line as it is, such as a command that has the same effect."""
        self._console.print(text, markup=False, soft_wrap=True)

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, by: str = OWNER
    ) -> dict[str, Any]:
        """A request, and its answer."""
        started = time.perf_counter()
        answer = (self._approver if by == APPROVER else self._api).request(method, path, json=body)
        took = (time.perf_counter() - started) * 1000
        shown = f" {body}" if body else ""
        self._console.print(f"  → {method} {path}{shown}", markup=False, soft_wrap=True)
        if answer.is_error:
            raise Failure(f"{method} {path} answered {answer.status_code}: {answer.text}")
        content: dict[str, Any] = answer.json() if answer.content else {}
        status = f", {content['status']}, version {content['version']}" if "version" in content else ""
        self._console.print(
            f"  ← {answer.status_code} in {took:.0f} ms{status}", style="green", markup=False, soft_wrap=True
        )
        return content

    def approve(self, path: str) -> None:
        """Send the approver's decision; a token names the approver by itself."""
        named = {} if "Authorization" in self._approver.headers else {"approver": APPROVER}
        self.call("POST", f"{path}/approval", {"decision": "approve", **named}, by=APPROVER)

    def event(self, detail_type: str, task_id: str) -> None:
        """Wait until this event of the task is received from the bus, and print it."""

        def received() -> ReceivedEvent | None:
            wanted = (detail_type, task_id)
            found = (one for one in self._received if (one.detail_type, one.detail["taskId"]) == wanted)
            if (event := next(found, None)) is None:
                self._received += self._bus.receive()
            return event

        event = until(received, seconds=DEADLINE_SECONDS, poll=0)
        if event is None:
            raise Failure(f"no {detail_type} within {DEADLINE_SECONDS:.0f} s: see `make dead-letters`")
        self._received.remove(event)
        text = f"  ⚡ {detail_type} after {event.age_ms:.0f} ms  {describe_changes(event.detail['changes'])}"
        self._console.print(text, style="cyan", markup=False, soft_wrap=True)

    def effect(self, what: str, found: Callable[[], str | None], seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until an effect shows, and print how long that took."""
        started = time.monotonic()
        text = until(found, lambda text: text is not None, seconds=seconds, poll=POLL_SECONDS)
        if text is None:
            raise Failure(f"{what}: nothing within {seconds:.0f} s: see `make dead-letters`")
        took = (time.monotonic() - started) * 1000
        self._console.print(
            f"  ✓ {what}: {text} ({took:.0f} ms later)", style="yellow", markup=False, soft_wrap=True
        )

    def task(self, task_id: str) -> dict[str, Any]:
        """The task as it is now; prints nothing."""
        task: dict[str, Any] = self._api.get(f"/tasks/{task_id}").json()
        return task

    def statistics(self) -> dict[str, Any]:
        """The owner's totals; prints nothing."""
        totals: dict[str, Any] = self._api.get(f"/users/{OWNER}/stats").json()
        return totals

    def archived(self, task_id: str, completed_at: str) -> str | None:
        """Where the task is in the archive, once it is."""
        key = archive_key(task_id, completed_at)
        bucket = self._target.outputs["archive_bucket"]
        try:
            self._target.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError:
            return None
        return f"s3://{bucket}/{key}"


def grown(before: dict[str, Any], now: dict[str, Any], total: str, by: int = 1) -> str | None:
    """How much a total of the owner is, once it has grown by so much."""
    return f"{OWNER} has {total} {now[total]}" if now[total] >= before[total] + by else None
