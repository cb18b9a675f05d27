"""PUT /tasks/{taskId}."""

from services.api.answers import task_answer
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import ETAG, IF_MATCH, TASK_ID
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.task import Task, TaskChanges

OPERATION = Operation(
    route="PUT /tasks/{taskId}",
    scope=Scope.WRITE,
    name="updateTask",
    tag="Tasks",
    summary="Change a task",
    description="Changes the fields that are given, and no others. A new title or description ends the "
    "approval of a task that is approved: with high priority it goes back to pending_approval, otherwise to "
    "pending. Where work on an approved task has begun or ended, and where a task was rejected, they are "
    "refused with 409.",
    parameters=[TASK_ID, IF_MATCH],
    body=TaskChanges,
    answers={200: Answer("The task as it now is.", Task, [ETAG])},
    problems=[400, 404, 409, 412, 413, 415, 422],
)


def update_task(request: Request, services: Services, caller: Caller) -> Response:
    """200 with the task as it now is."""
    task = use_cases.update_task(
        services.tasks,
        request.path_parameters["taskId"],
        request.body(TaskChanges),
        caller=caller,
        clock=services.clock,
        correlation_id=request.correlation_id,
        precondition=request.precondition(),
    )
    return task_answer(task)


ENDPOINTS = {OPERATION: update_task}
handler = entry_point(ENDPOINTS, uses=("tasks",))
