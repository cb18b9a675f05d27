"""The state after a timeout: decides as configured, unless an approver was first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from services.approvals.step import Input, step
from services.composition import Services
from services.core.approvals import expire
from services.core.status import Decision


def expire_approval(given: Input, services: Services) -> Mapping[str, Any]:
    """The verdict that holds."""
    verdict = expire(
        services.tasks,
        services.approvals,
        str(given["taskId"]),
        cast("Decision", given["decision"]),
        timedelta(seconds=int(given["timeoutSeconds"])),
        clock=services.clock,
        correlation_id=str(given["correlationId"]),
    )
    return verdict.model_dump(mode="json", by_alias=True, exclude_none=True)


handler = step(expire_approval, uses=("tasks", "approvals"))
