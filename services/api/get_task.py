"""GET /tasks/{taskId}."""

from services.api.answers import not_modified, task_answer
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import ETAG, IF_MATCH, IF_NONE_MATCH, TASK_ID
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.task import Task

OPERATION = Operation(
    route="GET /tasks/{taskId}",
    scope=Scope.READ,
    name="getTask",
    tag="Tasks",
    summary="Read a task",
    description="The task as it was last written, with its version as the ETag.",
    parameters=[TASK_ID, IF_MATCH, IF_NONE_MATCH],
    answers={
        200: Answer("The task.", Task, [ETAG]),
        304: Answer("The caller has this version.", None, [ETAG]),
    },
    problems=[400, 404, 412],
)


def get_task(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the task, or 304 if the caller has this version."""
    task = use_cases.get_task(services.tasks, request.path_parameters["taskId"], caller=caller)
    return not_modified(task) if request.knows(task) else task_answer(task)


ENDPOINTS = {OPERATION: get_task}
handler = entry_point(ENDPOINTS, uses=("tasks",))
