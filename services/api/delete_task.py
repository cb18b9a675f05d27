"""DELETE /tasks/{taskId}."""

from services.api.answers import no_content
from services.api.caller import caller_of
from services.api.entry_point import entry_point
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases


def delete_task(request: Request, services: Services) -> Response:
    """204."""
    caller = caller_of(request, services)
    use_cases.delete_task(
        services.tasks,
        request.path["taskId"],
        caller=caller,
        correlation_id=request.correlation_id,
        precondition=request.if_match(),
    )
    return no_content()


ROUTES = {"DELETE /tasks/{taskId}": delete_task}
handler = entry_point(ROUTES, uses=("tasks",))
