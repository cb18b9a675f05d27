"""GET /tasks."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from services.api.answers import JSON
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.listing import DEFAULT_LIMIT, MAX_LIMIT, TaskFilter
from services.core.status import Status
from services.core.task import Model, Task, UserId


class ListQuery(Model):
    """The query of GET /tasks."""

    status: Status | None = None
    user_id: UserId | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class TaskPage(Model):
    """A page of tasks, newest first; `nextCursor` leads on, and is null on the last page."""

    tasks: tuple[Task, ...]
    count: int
    next_cursor: str | None


OPERATION = Operation(
    route="GET /tasks",
    scope=Scope.READ,
    name="listTasks",
    tag="Tasks",
    summary="List tasks, newest first",
    description="Filters combine. Pages are stable while others write: `nextCursor` leads to the next one.",
    query=ListQuery,
    query_parameters={
        "status": "Only tasks of this status.",
        "userId": "Only this user's tasks.",
        "limit": "How many tasks a page has at most.",
        "cursor": "`nextCursor` of the page before, which had the same filters.",
    },
    answers={200: Answer("A page of tasks.", TaskPage)},
    problems=[400, 422],
)


def list_tasks(request: Request, services: Services, caller: Caller) -> Response:
    """200 with a page of tasks, without an entity tag: pages change often, and it would cost 1 % more."""
    query = request.query(ListQuery)
    listing = TaskFilter(query.status, query.user_id)
    page, cursor = use_cases.list_tasks(services.tasks, listing, query.limit, query.cursor, caller=caller)
    answer = TaskPage(tasks=page.tasks, count=len(page.tasks), next_cursor=cursor)
    return Response(HTTPStatus.OK.value, JSON, answer.model_dump_json(by_alias=True))


ENDPOINTS = {OPERATION: list_tasks}
handler = entry_point(ENDPOINTS, uses=("tasks",))
