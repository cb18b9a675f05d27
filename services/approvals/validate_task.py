"""The workflow's first state: does the task still wait for an approval?"""

from collections.abc import Mapping
from typing import Any

from services.approvals.step import Input, step
from services.composition import Services
from services.core.approvals import check


def validate_task(given: Input, services: Services) -> Mapping[str, Any]:
    """{"check": needs_approval | auto_approved | cancelled}."""
    return {"check": check(services.tasks, str(given["taskId"]))}


handler = step(validate_task, uses=("tasks",))
