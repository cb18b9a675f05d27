"""The ports of the approval: the store of verdicts, and the workflow."""

from threading import Lock

from services.core.events import TaskEvent
from services.core.task import Approval
from services.core.verdicts import Verdict, Waiting, execution_name, holds
from tests.harness.fakes.faulty import Faulty


class InMemoryApprovalStore(Faulty):
    """An ApprovalStore in two dictionaries, by task id."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.waiting: dict[str, Waiting] = {}
        self.verdicts: dict[str, Verdict] = {}

    def wait(self, waiting: Waiting) -> None:
        self._fail()
        self.waiting[waiting.task_id] = waiting

    def decide(self, task_id: str, approval: Approval, correlation_id: str) -> Verdict:
        self._fail()
        verdict = Verdict(kind="decided", approval=approval, correlation_id=correlation_id)
        return self._put(task_id, verdict, approval.task_version or 0)

    def cancel(self, task_id: str, version: int, correlation_id: str) -> None:
        self._fail()
        self._put(task_id, Verdict(kind="cancelled", correlation_id=correlation_id), version)

    def deadline(self, task_id: str) -> str | None:
        self._fail()
        waiting = self.waiting.get(task_id)
        return waiting.deadline if waiting else None

    def _put(self, task_id: str, verdict: Verdict, version: int) -> Verdict:
        with self._lock:
            waiting, held = self.waiting.get(task_id), self.verdicts.get(task_id)
            if held is None or not holds(held, version, waiting.requested_at if waiting else None):
                self.verdicts[task_id] = held = verdict
            return held


class FakeWorkflow(Faulty):
    """Executions by name, and the verdicts that were delivered, by token."""

    def __init__(self) -> None:
        super().__init__()
        self.executions: dict[str, TaskEvent] = {}
        self.delivered: dict[str, Verdict] = {}
        self.ended: set[str] = set()
        """Tokens of executions that wait no longer."""

    def start(self, event: TaskEvent) -> None:
        self._fail()
        self.executions.setdefault(execution_name(event.task_id, event.version), event)

    def deliver(self, token: str, verdict: Verdict) -> bool:
        self._fail()
        if token in self.ended:
            return False
        self.ended.add(token)
        self.delivered[token] = verdict
        return True
