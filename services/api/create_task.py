"""POST /tasks."""

from http import HTTPStatus

from services.api.answers import task_answer
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import ETAG, IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import use_cases
from services.core.callers import Caller, Scope
from services.core.task import NewTask, Task

OPERATION = Operation(
    route="POST /tasks",
    scope=Scope.WRITE,
    name="createTask",
    tag="Tasks",
    summary="Create a task",
    description="Without an Idempotency-Key, a request that is sent again creates another task.",
    parameters=[IDEMPOTENCY_KEY],
    body=NewTask,
    answers={
        201: Answer(
            "The task. High priority begins in pending_approval.",
            Task,
            [ETAG, LOCATION, IDEMPOTENCY_REPLAYED],
        )
    },
    problems=[400, 413, 415, 422],
)


def create_task(request: Request, services: Services, caller: Caller) -> Response:
    """201 with the task; the same again for a repeated idempotency key."""
    created = use_cases.create_task(
        services.tasks,
        request.body(NewTask),
        caller=caller,
        clock=services.clock,
        new_id=services.new_id,
        correlation_id=request.correlation_id,
        idempotency_key=request.idempotency_key(),
    )
    # Relative to the URL of the request (RFC 9110, section 10.2.2): the function does not know what stands
    # before /tasks there.
    beside = "" if request.target.endswith("/") else "tasks/"
    headers = {"Location": f"{beside}{created.task.task_id}"}
    if created.replayed:
        headers["Idempotency-Replayed"] = "true"
    return task_answer(created.task, HTTPStatus.CREATED, headers)


ENDPOINTS = {OPERATION: create_task}
handler = entry_point(ENDPOINTS, uses=("tasks",))
