"""POST /tasks/{taskId}/approval."""

from http import HTTPStatus

from services.api.answers import JSON
from services.api.entry_point import entry_point
from services.api.operation import Answer, Operation
from services.api.parameters import IF_MATCH, TASK_ID
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import approvals
from services.core.approvals import ApprovalRequest
from services.core.callers import Caller, Scope
from services.core.task import Approval

OPERATION = Operation(
    route="POST /tasks/{taskId}/approval",
    scope=Scope.APPROVE,
    name="decideApproval",
    tag="Approval",
    summary="Approve or reject a high-priority task",
    description="The decision counts for the version of the task that If-Match names, else for the one "
    "that is stored now, and for no other: if the task changes before the decision has reached it, "
    "approval is asked for again.",
    parameters=[TASK_ID, IF_MATCH],
    body=ApprovalRequest,
    answers={202: Answer("The decision is written; the task follows in a moment.", Approval)},
    problems=[400, 404, 409, 412, 413, 415, 422],
)


def decide_approval(request: Request, services: Services, caller: Caller) -> Response:
    """202 with the decision: it is written, and the task follows in a moment."""
    decision = approvals.decide_approval(
        services.tasks,
        services.approvals,
        request.path_parameters["taskId"],
        request.body(ApprovalRequest),
        caller=caller,
        clock=services.clock,
        correlation_id=request.correlation_id,
        precondition=request.precondition(),
    )
    return Response(HTTPStatus.ACCEPTED.value, JSON, decision.model_dump_json(by_alias=True))


ENDPOINTS = {OPERATION: decide_approval}
handler = entry_point(ENDPOINTS, uses=("tasks", "approvals"))
