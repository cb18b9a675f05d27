"""The workflow's last work: brings the verdict to the task. The event follows from the table's stream."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.approvals.step import Input, step
from services.composition import Services
from services.core.approvals import Verdict, apply
from services.core.moments import parse_timestamp


def apply_decision(given: Input, services: Services) -> Mapping[str, Any]:
    """{"outcome": approved | rejected | cancelled}."""
    verdict = Verdict.model_validate(given["verdict"], strict=False)
    outcome = apply(services.tasks, str(given["taskId"]), verdict, clock=services.clock)
    services.meter.record("Approvals", 1, {"outcome": outcome})
    if verdict.approval is not None and "requestedAt" in given:
        waited = services.clock() - parse_timestamp(str(given["requestedAt"]))
        services.meter.record("ApprovalWaitSeconds", max(waited, timedelta(0)).total_seconds())
    return {"outcome": outcome}


handler = step(apply_decision)
