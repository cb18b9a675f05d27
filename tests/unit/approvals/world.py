"""A task between its owner, its approvers, the workflow and the deadline, one step at a time."""

from collections.abc import Callable
from typing import Any

from services.approvals.apply_decision import apply_decision
from services.approvals.deliver_decision import deliver_decision
from services.approvals.expire_approval import expire_approval
from services.approvals.request_approval import request_approval
from services.approvals.step import step
from services.core import reactions
from services.core.approvals import ApprovalOutcome, ApprovalRequest, decide_approval
from services.core.callers import ANYONE
from services.core.event import Write
from services.core.events import TaskCreated, TaskUpdated, events_of
from services.core.status import Priority, Status
from services.core.task import Task, TaskChanges
from services.core.use_cases import update_task
from services.streams import stream
from tests.harness.builders import a_task
from tests.harness.deliveries import approval_record
from tests.harness.fakes import FakeServices, Ticking


class World:
    """A task's owner, its approvers and its workflow, which goes one state further at a time."""

    def __init__(self) -> None:
        self.services = FakeServices(clock=Ticking())
        task = a_task(priority=Priority.HIGH, status=Status.PENDING_APPROVAL, title="a")
        self.services.tasks.put_new(task, "cause")
        self.task_id = task.task_id
        self.versions = {1: task}
        self.states: dict[str, str] = {}
        self._tokens = 0
        self._follow(None, task)

    @property
    def task(self) -> Task:
        task = self.services.tasks.get(self.task_id)
        assert task is not None
        return task

    def edit(self, **changes: Any) -> None:
        self._write(
            lambda: update_task(
                self.services.tasks,
                self.task_id,
                TaskChanges(**changes),
                caller=ANYONE,
                clock=self.services.clock,
                correlation_id="edit",
            )
        )

    def decide(self, decision: Any, seen: int | None = None) -> None:
        decide_approval(
            self.services.tasks,
            self.services.approvals,
            self.task_id,
            ApprovalRequest(decision=decision, approver="grace"),
            caller=ANYONE,
            clock=self.services.clock,
            correlation_id="decision",
            precondition=None if seen is None else lambda task: task.version == seen,
        )

    def advance(self) -> None:
        """Each execution enters its next state, if what it waits for is there."""
        for name in self.services.workflow.executions:
            state = self.states.get(name, "request")
            self.states[name] = getattr(self, f"_{state}")(name)

    def time_out(self) -> None:
        """The wait of the workflow ends without a decision."""
        for name in [name for name, state in self.states.items() if state == "wait"]:
            self._run(expire_approval, decision="reject", timeoutSeconds=60)
            self.services.workflow.ended.add(self._token)
            self.services.workflow.delivered[self._token] = self.services.approvals.verdicts[self.task_id]
            self.states[name] = "apply"

    @property
    def _token(self) -> str:
        return self.services.approvals.waiting[self.task_id].token

    def _request(self, _name: str) -> str:
        self._tokens += 1
        self._run(request_approval, taskToken=f"token-{self._tokens}", timeoutSeconds=60)
        return "wait"

    def _wait(self, _name: str) -> str:
        waiting = self.services.approvals.waiting[self.task_id]
        record = approval_record(
            self.task_id,
            waiting.token,
            self.services.approvals.verdicts.get(self.task_id),
            version=waiting.version,
            requested_at=waiting.requested_at,
        )
        stream(deliver_decision, compose=lambda *_: self.services)({"Records": [record]}, None)
        return "apply" if waiting.token in self.services.workflow.delivered else "wait"

    def _apply(self, _name: str) -> str:
        verdict = self.services.workflow.delivered[self._token].model_dump(mode="json", by_alias=True)
        before, outcome = self.task, ""

        def run() -> None:
            nonlocal outcome
            outcome = self._run(apply_decision, verdict=verdict)["outcome"]

        self._write(run)
        if self.task != before:
            assert verdict["approval"]["taskVersion"] == before.version
        return "request" if outcome == ApprovalOutcome.ASKED_AGAIN else "end"

    def _end(self, _name: str) -> str:
        return "end"

    def _run(self, work: Any, **given_: Any) -> Any:
        return step(work, compose=lambda *_: self.services)(
            {"taskId": self.task_id, **given_, "correlationId": "c"}, None
        )

    def _write(self, write: Callable[[], object]) -> None:
        before = self.task
        write()
        after = self.task
        self.versions[after.version] = after
        if after != before:
            self._follow(before, after)

    def _follow(self, before: Task | None, after: Task) -> None:
        known = self.services
        for event in events_of(Write(before, after, "cause", after.updated_at)):
            if isinstance(event, TaskCreated):
                reactions.on_created(
                    event, known.statistics, known.notifications, known.workflow, known.meter
                )
            elif isinstance(event, TaskUpdated):
                reactions.on_updated(event, known.notifications, known.workflow, known.meter)
