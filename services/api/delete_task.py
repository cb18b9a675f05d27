"""DELETE /tasks/{taskId}."""

from services.api.answers import no_content
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import IF_MATCH, TASK_ID
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope

OPERATION = Operation(
    route="DELETE /tasks/{taskId}",
    scope=Scope.WRITE,
    name="deleteTask",
    tag="Tasks",
    summary="Delete a task",
    description="An approval that the task waits for ends with it. Totals still count the task.",
    parameters=[TASK_ID, IF_MATCH],
    answers={204: Answer("The task is gone.")},
    problems=[400, 404, 409, 412],
)


def delete_task(request: Request, services: Services, caller: Caller) -> Response:
    """204."""
    use_cases.delete_task(
        services.tasks,
        request.path_parameters["taskId"],
        caller=caller,
        correlation_id=request.correlation_id,
        precondition=request.precondition(),
    )
    return no_content()


ENDPOINTS = {OPERATION: delete_task}
handler = entry_point(ENDPOINTS, uses=("tasks",))
