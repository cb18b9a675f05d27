"""POST /tasks/{taskId}/approval."""

from http import HTTPStatus

from services.api.answers import JSON
from services.api.caller import caller_of
from services.api.entry_point import entry_point
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core import approvals
from services.core.approvals import ApprovalRequest


def decide_approval(request: Request, services: Services) -> Response:
    """202 with the decision: it is written, and the task follows in a moment."""
    caller = caller_of(request, services)
    decision = approvals.decide_approval(
        services.tasks,
        services.approvals,
        request.path["taskId"],
        request.body(ApprovalRequest),
        caller=caller,
        clock=services.clock,
        correlation_id=request.correlation_id,
        precondition=request.if_match(),
    )
    return Response(HTTPStatus.ACCEPTED.value, JSON, decision.model_dump_json(by_alias=True))


ROUTES = {"POST /tasks/{taskId}/approval": decide_approval}
handler = entry_point(ROUTES, uses=("tasks", "approvals"))
