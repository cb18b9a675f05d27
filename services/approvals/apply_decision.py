"""The workflow's last state: applies the verdict to the task. The event follows from the table's stream."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.approvals.step import Input, step
from services.composition import Services
from services.core.approvals import TIMEOUT, ApprovalOutcome, apply
from services.core.metrics import APPROVAL_WAIT, APPROVALS, APPROVALS_TIMED_OUT
from services.core.moments import parse_timestamp
from services.core.verdicts import Verdict


def apply_decision(given: Input, services: Services) -> Mapping[str, Any]:
    """{"outcome": approved | rejected | cancelled | asked_again}."""
    verdict = Verdict.model_validate(given["verdict"], strict=False)
    outcome = apply(services.tasks, str(given["taskId"]), verdict, clock=services.clock)
    if outcome is ApprovalOutcome.ASKED_AGAIN:  # the workflow goes on to wait for another decision
        return {"outcome": outcome}
    services.meter.record(APPROVALS, 1, {"outcome": outcome})
    if verdict.approval is not None and verdict.approval.approver == TIMEOUT:
        services.meter.record(APPROVALS_TIMED_OUT, 1)
    if verdict.approval is not None and "requestedAt" in given:
        waited = services.clock() - parse_timestamp(str(given["requestedAt"]))
        services.meter.record(APPROVAL_WAIT, max(waited, timedelta(0)).total_seconds())
    return {"outcome": outcome}


handler = step(apply_decision, uses=("tasks", "meter"))
