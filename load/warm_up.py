"""A call of each function, one after the other: else cold starts would be measured, many at once."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from clients.python.task_manager_client import AuthenticatedClient
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
    Status,
    Task,
    TaskChanges,
    TaskPage,
    UserStatistics,
)
from clients.python.task_manager_client.types import Response
from load.books import Books
from load.ledger import events_after, events_after_verdict
from scripts.base.failure import Failure
from scripts.base.loopback import http_client
from scripts.base.waiting import until

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.2

T = TypeVar("T")


def client_of(api_url: str) -> AuthenticatedClient:
    """The generated client of an API on this machine, which requires no token."""
    return AuthenticatedClient(api_url, token="").set_httpx_client(http_client(api_url))


def warm_up(api_url: str, books: Books) -> None:
    """Live through what tasks live through; what expires approvals alone stays cold.

    Raises Failure where the application does not do what it should.
    """
    with client_of(api_url) as client:
        _Visitor(client, books).visit()


class _Visitor:
    def __init__(self, client: AuthenticatedClient, books: Books) -> None:
        self._client = client
        self._books = books
        self._user = f"{books.prefix}warm-up"

    def visit(self) -> None:
        self._client.get_httpx_client().get("/openapi.json").raise_for_status()
        task = self._create(Priority.LOW)
        self._read(task)
        self._call(TaskPage, list_tasks.sync_detailed(client=self._client, user_id=self._user))
        self._change(task, Status.IN_PROGRESS)
        self._change(task, Status.COMPLETED)
        unwanted = self._create(Priority.LOW)
        self._call(type(None), delete_task.sync_detailed(UUID(unwanted.task_id), client=self._client))
        self._books.expect(self._user, events_after("DELETE", unwanted))
        self._have_approved(self._create(Priority.HIGH))
        self._until(
            "all tasks counted",
            lambda: self._call(
                UserStatistics, get_user_statistics.sync_detailed(self._user, client=self._client)
            ),
            lambda it: (it.created, it.completed) == (3, 1),
        )
        self._until("all events received", lambda: self._books, lambda books: not books.lost)

    def _create(self, priority: Priority) -> Task:
        body = NewTask("Warm up", user_id=self._user, priority=priority)
        task = self._call(Task, create_task.sync_detailed(client=self._client, body=body))
        self._books.expect(self._user, events_after("POST", task))
        return task

    def _read(self, task: Task) -> Task:
        return self._call(Task, get_task.sync_detailed(UUID(task.task_id), client=self._client))

    def _change(self, task: Task, status: Status) -> None:
        body = TaskChanges(status=status)
        answer = update_task.sync_detailed(UUID(task.task_id), client=self._client, body=body)
        self._books.expect(self._user, events_after("PUT", self._call(Task, answer)))

    def _have_approved(self, task: Task) -> None:
        body = ApprovalRequest(ApprovalRequestDecision.APPROVE, approver=self._user)
        answer = decide_approval.sync_detailed(UUID(task.task_id), client=self._client, body=body)
        self._call(Approval, answer)
        decided = self._until("approved", lambda: self._read(task), lambda it: it.status is Status.APPROVED)
        self._books.expect(self._user, events_after_verdict(decided))

    def _call(self, kind: type[T], answer: Response[Any]) -> T:
        """The content of an answer; a Failure if it is of another kind."""
        if answer.status_code < 400 and isinstance(answer.parsed, kind):
            return answer.parsed
        said = answer.content.decode(errors="replace")[:200]
        raise Failure(f"warm-up: not a {kind.__name__}, but {answer.status_code.value}: {said}")

    def _until(self, what: str, look: Callable[[], T], is_so: Callable[[T], bool]) -> T:
        found = until(look, is_so, seconds=DEADLINE_SECONDS, poll=POLL_SECONDS)
        if not is_so(found):
            raise Failure(f"warm-up: not {what} within {DEADLINE_SECONDS:.0f} s: see `make dead-letters`")
        return found
