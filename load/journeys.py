"""What users do, and how often: mostly read. Each has an id of its own and checks every answer."""

import random
import uuid
from typing import Any, ClassVar

import gevent
from locust import between, task
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import RescheduleTask

from load.client import Api
from load.ledger import Ledger, events_after, events_after_verdict

TASK = "/tasks/{taskId}"
VERDICT_SECONDS = 30.0
VERDICT_POLL_SECONDS = 0.5
PAGE = 10
# A user with this many open tasks creates no more.
ENOUGH = 30


class TaskUser(FastHttpUser):
    """A user with a list of tasks. No other user writes them, so it knows what each must be."""

    wait_time = between(0.5, 1.5)
    network_timeout = 30.0
    connection_timeout = 10.0
    # A hidden retry could be a write that is missing in the ledger.
    max_retries = 0

    ledger: ClassVar[Ledger] = Ledger()
    prefix: ClassVar[str] = "load-by-hand-"

    def on_start(self) -> None:
        """A new user, without tasks."""
        self.owner = f"{self.prefix}{uuid.uuid4().hex[:12]}"
        self.mine: dict[str, dict[str, Any]] = {}
        self.created = 0
        self.random = random.Random()  # noqa: S311 - whom to disturb next is no secret
        self.api = Api(self.client, self.owner, self.ledger, self.random)

    @task(10)
    def read(self) -> None:
        """A task, whole; now and then only if it has changed, which it has not."""
        known = self._some_task()
        path = f"/tasks/{known['taskId']}"
        if self.random.random() < 0.2:
            self.api.call(f"GET {TASK}", path, (304,), headers={"If-None-Match": f'"{known["version"]}"'})
        else:
            self.api.call(f"GET {TASK}", path, (200,), check=lambda found: _differences(found, known))

    @task(5)
    def list_own(self) -> None:
        """The user's newest tasks, and the page after."""
        path = f"/tasks?userId={self.owner}&limit={PAGE}"
        page = self.api.call("GET /tasks?userId=", path, (200,), check=self._page_trouble)
        if cursor := page.content.get("nextCursor"):
            path += f"&cursor={cursor}"
            self.api.call("GET /tasks?userId=&cursor=", path, (200,), check=self._page_trouble)

    @task(2)
    def list_pending(self) -> None:
        """List the pending tasks of all users."""

        def trouble(page: dict[str, Any]) -> str | None:
            wrong = [found["status"] for found in page["tasks"] if found["status"] != "pending"]
            return f"listed {wrong} as pending" if wrong else _order_trouble(page)

        self.api.call("GET /tasks?status=", f"/tasks?status=pending&limit={PAGE}", (200,), check=trouble)

    @task(5)
    def create(self) -> None:
        """A new task; every fourth one under a key that makes a retry safe."""
        if len(self.mine) < ENOUGH:
            self._create(self.random.choice(["low", "medium"]))

    @task(5)
    def update(self) -> None:
        """Work begins, or the title was wrong."""
        known = self._some_task()
        if known["status"] in ("pending", "approved"):
            self._put(known, {"status": "in_progress"})
        elif "approval" in known:  # the title is what was approved: it cannot change once work has begun
            self._put(known, {"tags": ["load", uuid.uuid4().hex]})
        else:
            self._put(known, {"title": f"Title {uuid.uuid4().hex}"})

    @task(3)
    def complete(self) -> None:
        """Work is done."""
        known = self._some_task()
        self._put(known, {"status": "completed"})
        del self.mine[known["taskId"]]

    @task(1)
    def delete(self) -> None:
        """Delete a task."""
        known = self._some_task()
        path = f"/tasks/{known['taskId']}"
        del self.mine[known["taskId"]]
        self.api.call(f"DELETE {TASK}", path, (204,), headers={"If-Match": f'"{known["version"]}"'})
        self.ledger.expect(self.owner, events_after("DELETE", known))
        self.api.call(f"GET {TASK} (deleted)", path, (404,))

    @task(1)
    def approve(self) -> None:
        """An urgent task, decided on; the workflow brings the verdict to it."""
        waiting = self._create("high")
        path = f"/tasks/{waiting['taskId']}"
        del self.mine[waiting["taskId"]]
        decision = self.random.choice(["approve", "approve", "reject"])
        body = {"decision": decision, "approver": self.owner}
        self.api.call(f"POST {TASK}/approval", path + "/approval", (202,), body=body)
        decided = self._decided(path)
        self.ledger.expect(self.owner, events_after_verdict(decided))
        if decision == "approve":
            self.mine[decided["taskId"]] = decided

    @task(1)
    def statistics(self) -> None:
        """The user's totals, which follow after a moment."""

        def trouble(found: dict[str, Any]) -> str | None:
            return (
                f"{found['created']} created of {self.created}" if found["created"] > self.created else None
            )

        self.api.call("GET /users/{userId}/stats", f"/users/{self.owner}/stats", (200,), check=trouble)

    def _create(self, priority: str) -> dict[str, Any]:
        body = {
            "title": f"Task {uuid.uuid4().hex}",
            "userId": self.owner,
            "priority": priority,
            "tags": ["load"],
        }
        headers = {"Idempotency-Key": uuid.uuid4().hex} if self.random.random() < 0.25 else {}
        status = "pending_approval" if priority == "high" else "pending"
        wanted = {**body, "status": status, "version": 1}
        # Counted before the answer: the statistics may change earlier.
        self.created += 1
        answer = self.api.call(
            "POST /tasks",
            "/tasks",
            (201,),
            body=body,
            headers=headers,
            check=lambda got: _differences(got, wanted),
        )
        self.ledger.expect(self.owner, events_after("POST", answer.content))
        self.mine[answer.content["taskId"]] = answer.content
        return answer.content

    def _put(self, known: dict[str, Any], changes: dict[str, Any]) -> None:
        path, version = f"/tasks/{known['taskId']}", known["version"]
        wanted = {"taskId": known["taskId"], **changes, "version": version + 1}
        answer = self.api.call(
            f"PUT {TASK}",
            path,
            (200,),
            body=changes,
            headers={"If-Match": f'"{version}"'},
            check=lambda got: _differences(got, wanted),
        )
        self.ledger.expect(self.owner, events_after("PUT", answer.content))
        self.mine[known["taskId"]] = answer.content

    def _some_task(self) -> dict[str, Any]:
        """One of the user's open tasks; a new one, if there is none."""
        if not self.mine:
            return self._create("medium")
        return self.mine[self.random.choice(list(self.mine))]

    def _decided(self, path: str) -> dict[str, Any]:
        """The task with its verdict, once it has one."""
        try:
            with gevent.Timeout(VERDICT_SECONDS):
                while True:
                    found = self.api.call(f"GET {TASK} (approval)", path, (200,)).content
                    if found["status"] != "pending_approval":
                        return found
                    gevent.sleep(VERDICT_POLL_SECONDS)
        except gevent.Timeout as late:
            self.ledger.doubt(self.owner, f"no verdict on {path} within {VERDICT_SECONDS:.0f} s")
            self.environment.events.request.fire(
                request_type="POST",
                name=f"POST {TASK}/approval",
                response_time=0,
                response_length=0,
                exception=late,
            )
            raise RescheduleTask from late

    def _page_trouble(self, page: dict[str, Any]) -> str | None:
        strangers = [found["userId"] for found in page["tasks"] if found["userId"] != self.owner]
        return f"listed tasks of {strangers}" if strangers else _order_trouble(page)


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    """Where an answer is not what it should be; fields that are not wanted may be anything."""
    wrong = [
        f"{name} {found.get(name)!r}, not {value!r}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    return "; ".join(wrong) or None


def _order_trouble(page: dict[str, Any]) -> str | None:
    ids = [found["taskId"] for found in page["tasks"]]
    if ids != sorted(ids, reverse=True) or len(ids) != page["count"] or len(ids) > PAGE:
        return f"{page['count']} tasks, not newest first: {ids}"
    return None
