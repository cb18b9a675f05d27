"""GET /tasks/{taskId}."""

from services.api.answers import not_modified, task_answer
from services.api.caller import caller_of
from services.api.entry_point import entry_point
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases


def get_task(request: Request, services: Services) -> Response:
    """200 with the task, or 304 if the caller has this version."""
    caller = caller_of(request, services)
    task = use_cases.get_task(services.tasks, request.path["taskId"], caller=caller)
    return not_modified(task) if request.knows(task) else task_answer(task)


ROUTES = {"GET /tasks/{taskId}": get_task}
handler = entry_point(ROUTES, uses=("tasks",))
