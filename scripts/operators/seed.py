"""`make seed [N=1000] [USERS=20] [ENV=]`: believable tasks in all statuses, made through the API."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Any

import httpx
from faker import Faker
from rich.console import Console
from rich.progress import track

from scripts.base.failure import Failure
from scripts.base.waiting import until
from scripts.deployments.target import chosen_target
from scripts.deployments.tokens import api_client
from scripts.operators.verification.client import PatientClient
from services.core.status import Priority, Status

APPROVER = "grace"
# Requests at a time: a local cloud is one process, and a new AWS account runs 10 functions at once.
WRITERS = 6
APPROVAL_SECONDS, POLL_SECONDS = 120.0, 0.25
REQUEST_SECONDS = 60.0

# Statuses of each forty tasks, every one among the first eight; True marks high priority.
CYCLE: tuple[tuple[Status, bool], ...] = (
    (Status.PENDING, False),
    (Status.PENDING_APPROVAL, True),
    (Status.IN_PROGRESS, False),
    (Status.APPROVED, True),
    (Status.COMPLETED, False),
    (Status.REJECTED, True),
    (Status.IN_PROGRESS, True),
    (Status.COMPLETED, True),
    *chain(
        repeat((Status.PENDING, False), 12),
        repeat((Status.COMPLETED, False), 12),
        repeat((Status.IN_PROGRESS, False), 7),
        repeat((Status.PENDING_APPROVAL, True), 1),
    ),
)
# How far a task is: one that is as far as wanted, or further, is left alone.
PROGRESS = {
    Status.PENDING_APPROVAL: 0,
    Status.PENDING: 1,
    Status.APPROVED: 1,
    Status.REJECTED: 1,
    Status.IN_PROGRESS: 2,
    Status.COMPLETED: 3,
}
# In the words of Faker's templates.
TITLES = (
    "Call {{name}} back",
    "Send the offer to {{company}}",
    "Pay the invoice of {{company}}",
    "Book the train to {{city}}",
    "Review {{file_name}}",
    "Prepare the meeting on {{day_of_week}}",
    "Renew {{domain_name}}",
    "Welcome {{first_name}} to the team",
)
DESCRIPTIONS = ("", "{{name}} asked for it.", "Questions: {{safe_email}}", "Before {{day_of_week}}, please.")
TAGS = ("home", "office", "travel", "finance", "customers", "it", "people")


@dataclass(frozen=True)
class Wanted:
    """A task to be: the request that creates it, and the status that it is brought to."""

    body: dict[str, Any]
    status: Status
    number: int = 0

    @property
    def key(self) -> str:
        """The same request has the same key, so that a second run creates nothing anew (for a day)."""
        digest = hashlib.sha256(json.dumps(self.body).encode()).hexdigest()
        return f"seed-{self.number}-{digest[:32]}"


def seed(tasks: int, users: int, environment: str = "") -> None:
    """`make seed`: create tasks of so many users; a second run adds only what is missing."""
    console = Console(highlight=False)
    target = chosen_target(environment, change=f"Creates {tasks} tasks")
    with api_client(target, APPROVER, make=partial(PatientClient, timeout=REQUEST_SECONDS)) as api:
        made = list(
            track(_all(api, wanted(tasks, users)), "Tasks", total=tasks, console=console, transient=True)
        )
    new = sum(is_new for is_new, _ in made)
    counts = Counter(status for _, status in made)
    console.print(f"{tasks} tasks of {users} users: {new} new, {tasks - new} were there already.")
    console.print(
        "  " + ", ".join(f"{number} {status}" for status, number in counts.most_common()), soft_wrap=True
    )


def wanted(tasks: int, users: int) -> list[Wanted]:
    """The tasks to be, the same ones each time."""
    fake = Faker("en_US")
    fake.seed_instance(0)
    owners = [fake.unique.user_name() for _ in range(users)]
    return [_wanted(fake, number, owners[number % users]) for number in range(tasks)]


def _wanted(fake: Faker, number: int, owner: str) -> Wanted:
    fake.seed_instance(number + 1)
    status, is_high = CYCLE[number % len(CYCLE)]
    body = {
        "title": fake.parse(fake.random_element(TITLES)),
        "description": fake.parse(fake.random_element(DESCRIPTIONS)),
        "priority": Priority.HIGH if is_high else fake.random_element((Priority.LOW, Priority.MEDIUM)),
        "tags": list(fake.random_elements(TAGS, length=fake.random_int(0, 3), unique=True)),
        "userId": owner,
    }
    return Wanted(body, status, number)


def _all(api: httpx.Client, tasks: list[Wanted]) -> Iterator[tuple[bool, str]]:
    """Brings every task about, several at a time; the first failure ends it."""
    pool = ThreadPoolExecutor(WRITERS)
    try:
        yield from pool.map(partial(bring_about, api), tasks)
    finally:
        pool.shutdown(cancel_futures=True)


def bring_about(api: httpx.Client, task: Wanted) -> tuple[bool, str]:
    """Create the task unless it is there, and take it to its status; whether it is new, and its status."""
    answer = api.post("/tasks", json=task.body, headers={"idempotency-key": task.key})
    now = _content(answer)
    path, is_new = f"/tasks/{now['taskId']}", "idempotency-replayed" not in answer.headers
    if not is_new:
        found = api.get(path)
        if found.status_code == httpx.codes.NOT_FOUND:
            return False, "deleted"
        now = _content(found)
    while PROGRESS[now["status"]] < PROGRESS[task.status]:
        now = _step(api, path, now, task.status)
    return is_new, str(now["status"])


def _step(api: httpx.Client, path: str, now: dict[str, Any], wanted: Status) -> dict[str, Any]:
    """One step of a task's life; the task afterwards."""
    if now["status"] == Status.PENDING_APPROVAL:
        return _decide(api, path, "reject" if wanted is Status.REJECTED else "approve")
    status = Status.COMPLETED if now["status"] == Status.IN_PROGRESS else Status.IN_PROGRESS
    return _content(api.put(path, json={"status": status}))


def _decide(api: httpx.Client, path: str, decision: str) -> dict[str, Any]:
    """The decision, and the task once the workflow has applied it."""
    named = {} if "Authorization" in api.headers else {"approver": APPROVER}
    answer = api.post(f"{path}/approval", json={"decision": decision, **named})
    if answer.status_code != httpx.codes.CONFLICT:  # decided by a run that was interrupted
        _content(answer)
    task = until(
        lambda: _content(api.get(path)),
        lambda task: task["status"] != Status.PENDING_APPROVAL,
        seconds=APPROVAL_SECONDS,
        poll=POLL_SECONDS,
    )
    if task["status"] == Status.PENDING_APPROVAL:
        raise Failure(
            f"{path} was decided, and still waits after {APPROVAL_SECONDS:.0f} s: see `make status`"
        )
    return task


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        request = answer.request
        raise Failure(f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text}")
    return dict(answer.json())
