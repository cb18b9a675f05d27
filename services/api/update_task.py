"""PUT /tasks/{taskId}."""

from services.api.answers import task_answer
from services.api.caller import caller_of
from services.api.entry_point import entry_point
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.task import TaskChanges


def update_task(request: Request, services: Services) -> Response:
    """200 with the task as it now is."""
    caller = caller_of(request, services)
    task = use_cases.update_task(
        services.tasks,
        request.path["taskId"],
        request.body(TaskChanges),
        caller=caller,
        clock=services.clock,
        correlation_id=request.correlation_id,
        precondition=request.if_match(),
    )
    return task_answer(task)


ROUTES = {"PUT /tasks/{taskId}": update_task}
handler = entry_point(ROUTES, uses=("tasks",))
