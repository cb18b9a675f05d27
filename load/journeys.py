"""What users do, and how often: mostly read. Each has an id of its own and checks every answer."""

import random
import uuid
from typing import Any, ClassVar
from uuid import UUID

import attrs
import gevent
from locust import between, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.exception import RescheduleTask, StopTest

from clients.python.task_manager_client.api.approval import decide_approval
from clients.python.task_manager_client.api.statistics import get_user_statistics
from clients.python.task_manager_client.api.tasks import (
    create_task,
    delete_task,
    get_task,
    list_tasks,
    update_task,
)
from clients.python.task_manager_client.models import (
    Approval,
    ApprovalRequest,
    ApprovalRequestDecision,
    NewTask,
    Priority,
    Problem,
    Status,
    Task,
    TaskChanges,
    TaskPage,
    UserStatistics,
)
from clients.python.task_manager_client.types import UNSET
from load.client import Api
from load.ledger import Ledger, events_after, events_after_verdict
from load.settings import is_local, not_local

TASK = "/tasks/{taskId}"
VERDICT_SECONDS = 30.0
VERDICT_POLL_SECONDS = 0.5
PAGE = 10
# A user with this many open tasks creates no more.
ENOUGH = 30
NOTHING = type(None)
VERDICTS = (ApprovalRequestDecision.APPROVE, ApprovalRequestDecision.APPROVE, ApprovalRequestDecision.REJECT)


class TaskUser(FastHttpUser):
    """A user with a list of tasks. No other user writes them, so it knows what each must be."""

    wait_time = between(0.5, 1.5)
    network_timeout = 30.0
    connection_timeout = 10.0
    # A hidden retry could be a write that is missing in the ledger.
    max_retries = 0

    ledger: ClassVar[Ledger] = Ledger()
    prefix: ClassVar[str] = "load-by-hand-"

    def __init__(self, environment: Environment) -> None:
        """Refuse a host that is not local, which Locust's page can set: StopTest ends the run."""
        if not is_local(self.host or ""):
            raise StopTest(not_local(self.host or "no host"))
        super().__init__(environment)

    def on_start(self) -> None:
        """A new user, without tasks."""
        self.owner = f"{self.prefix}{uuid.uuid4().hex[:12]}"
        self.mine: dict[str, Task] = {}
        self.created = 0
        self.random = random.Random()  # noqa: S311 - whom to disturb next is no secret
        self.api = Api(self.client, self.owner, self.ledger, self.random)

    @task(10)
    def read(self) -> None:
        """A task, whole; now and then only if it has changed, which it has not."""
        known = self._some_task()
        task_id, tag = UUID(known.task_id), etag(known)
        if self.random.random() < 0.2:
            self.api.call(
                f"GET {TASK}", 304, NOTHING,
                lambda client: get_task.sync_detailed(task_id, client=client, if_none_match=tag),
            )  # fmt: skip
        else:
            self.api.call(
                f"GET {TASK}", 200, Task,
                lambda client: get_task.sync_detailed(task_id, client=client),
                lambda found: _differences(found, attrs.asdict(known, recurse=False)),
            )  # fmt: skip

    @task(5)
    def list_own(self) -> None:
        """The user's newest tasks, and the page after."""
        page = self.api.call(
            "GET /tasks?userId=", 200, TaskPage,
            lambda client: list_tasks.sync_detailed(client=client, user_id=self.owner, limit=PAGE),
            self._page_trouble,
        )  # fmt: skip
        if cursor := page.next_cursor:
            self.api.call(
                "GET /tasks?userId=&cursor=", 200, TaskPage,
                lambda client: list_tasks.sync_detailed(
                    client=client, user_id=self.owner, limit=PAGE, cursor=cursor
                ),
                self._page_trouble,
            )  # fmt: skip

    @task(2)
    def list_pending(self) -> None:
        """List the pending tasks of all users."""

        def trouble(page: TaskPage) -> str | None:
            wrong = [found.status for found in page.tasks if found.status is not Status.PENDING]
            return f"listed {wrong} as pending" if wrong else _order_trouble(page)

        self.api.call(
            "GET /tasks?status=", 200, TaskPage,
            lambda client: list_tasks.sync_detailed(client=client, status=Status.PENDING, limit=PAGE),
            trouble,
        )  # fmt: skip

    @task(5)
    def create(self) -> None:
        """A new task; every fourth one under a key that makes a retry safe."""
        if len(self.mine) < ENOUGH:
            self._create(self.random.choice([Priority.LOW, Priority.MEDIUM]))

    @task(5)
    def update(self) -> None:
        """Work begins, or the title was wrong."""
        known = self._some_task()
        if known.status in (Status.PENDING, Status.APPROVED):
            self._put(known, TaskChanges(status=Status.IN_PROGRESS))
        elif known.approval:  # the title is what was approved: it cannot change once work has begun
            self._put(known, TaskChanges(tags=["load", uuid.uuid4().hex]))
        else:
            self._put(known, TaskChanges(title=f"Title {uuid.uuid4().hex}"))

    @task(3)
    def complete(self) -> None:
        """Work is done."""
        known = self._some_task()
        self._put(known, TaskChanges(status=Status.COMPLETED))
        del self.mine[known.task_id]

    @task(1)
    def delete(self) -> None:
        """Delete a task."""
        known = self._some_task()
        task_id, tag = UUID(known.task_id), etag(known)
        del self.mine[known.task_id]
        self.api.call(
            f"DELETE {TASK}", 204, NOTHING,
            lambda client: delete_task.sync_detailed(task_id, client=client, if_match=tag),
        )  # fmt: skip
        self.ledger.expect(self.owner, events_after("DELETE", known))
        self.api.call(
            f"GET {TASK} (deleted)", 404, Problem,
            lambda client: get_task.sync_detailed(task_id, client=client),
        )  # fmt: skip

    @task(1)
    def approve(self) -> None:
        """An urgent task, decided on; the workflow brings the verdict to it."""
        waiting = self._create(Priority.HIGH)
        task_id = UUID(waiting.task_id)
        del self.mine[waiting.task_id]
        body = ApprovalRequest(self.random.choice(VERDICTS), approver=self.owner)
        self.api.call(
            f"POST {TASK}/approval", 202, Approval,
            lambda client: decide_approval.sync_detailed(task_id, client=client, body=body),
        )  # fmt: skip
        decided = self._decided(task_id)
        self.ledger.expect(self.owner, events_after_verdict(decided))
        if body.decision is ApprovalRequestDecision.APPROVE:
            self.mine[decided.task_id] = decided

    @task(1)
    def statistics(self) -> None:
        """The user's totals, which follow after a moment."""

        def trouble(found: UserStatistics) -> str | None:
            counted = found.created or 0
            return f"{counted} created of {self.created}" if counted > self.created else None

        self.api.call(
            "GET /users/{userId}/stats", 200, UserStatistics,
            lambda client: get_user_statistics.sync_detailed(self.owner, client=client),
            trouble,
        )  # fmt: skip

    def _create(self, priority: Priority) -> Task:
        title = f"Task {uuid.uuid4().hex}"
        body = NewTask(title, user_id=self.owner, priority=priority, tags=["load"])
        key = uuid.uuid4().hex if self.random.random() < 0.25 else UNSET
        status = Status.PENDING_APPROVAL if priority is Priority.HIGH else Status.PENDING
        wanted = {**attrs.asdict(body, recurse=False), "status": status, "version": 1}
        # Counted before the answer: the statistics may change earlier.
        self.created += 1
        made = self.api.call(
            "POST /tasks", 201, Task,
            lambda client: create_task.sync_detailed(client=client, body=body, idempotency_key=key),
            lambda got: _differences(got, wanted),
        )  # fmt: skip
        self.ledger.expect(self.owner, events_after("POST", made))
        self.mine[made.task_id] = made
        return made

    def _put(self, known: Task, changes: TaskChanges) -> None:
        task_id, tag = UUID(known.task_id), etag(known)
        given = attrs.asdict(changes, recurse=False, filter=lambda _, value: value is not UNSET)
        wanted = {"task_id": known.task_id, **given, "version": known.version + 1}
        # Without an answer nobody knows what the task is like.
        del self.mine[known.task_id]
        changed = self.api.call(
            f"PUT {TASK}", 200, Task,
            lambda client: update_task.sync_detailed(task_id, client=client, body=changes, if_match=tag),
            lambda got: _differences(got, wanted),
        )  # fmt: skip
        self.ledger.expect(self.owner, events_after("PUT", changed))
        self.mine[known.task_id] = changed

    def _some_task(self) -> Task:
        """One of the user's open tasks; a new one, if there is none."""
        if not self.mine:
            return self._create(Priority.MEDIUM)
        return self.mine[self.random.choice(list(self.mine))]

    def _decided(self, task_id: UUID) -> Task:
        """The task with its verdict, once it has one."""
        try:
            with gevent.Timeout(VERDICT_SECONDS):
                while True:
                    found = self.api.call(
                        f"GET {TASK} (approval)", 200, Task,
                        lambda client: get_task.sync_detailed(task_id, client=client),
                    )  # fmt: skip
                    if found.status is not Status.PENDING_APPROVAL:
                        return found
                    gevent.sleep(VERDICT_POLL_SECONDS)
        except RescheduleTask:
            self.ledger.doubt(self.owner, f"the verdict on {task_id} could not be read")
            raise
        except gevent.Timeout as late:
            self.ledger.doubt(self.owner, f"no verdict on {task_id} within {VERDICT_SECONDS:.0f} s")
            self.environment.events.request.fire(
                request_type="POST",
                name=f"POST {TASK}/approval",
                response_time=0,
                response_length=0,
                exception=late,
            )
            raise RescheduleTask from late

    def _page_trouble(self, page: TaskPage) -> str | None:
        strangers = [found.user_id for found in page.tasks if found.user_id != self.owner]
        return f"listed tasks of {strangers}" if strangers else _order_trouble(page)


def etag(known: Task) -> str:
    """The version of a task as If-Match and If-None-Match name it."""
    return f'"{known.version}"'


def _differences(found: Task, wanted: dict[str, Any]) -> str | None:
    """Where an answer is not what it should be; fields that are not wanted may be anything."""
    wrong = [
        f"{name} {getattr(found, name)!r}, not {value!r}"
        for name, value in wanted.items()
        if getattr(found, name) != value
    ]
    return "; ".join(wrong) or None


def _order_trouble(page: TaskPage) -> str | None:
    ids = [found.task_id for found in page.tasks]
    if ids != sorted(ids, reverse=True) or len(ids) != page.count or len(ids) > PAGE:
        return f"{page.count} tasks, not newest first: {ids}"
    return None
