"""The state that waits: stores the token that resumes the workflow, and notifies the approvers."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.approvals.step import Input, step
from services.composition import Services
from services.core.metrics import APPROVALS_REQUESTED
from services.core.moments import timestamp
from services.core.text import one_line
from services.core.verdicts import Waiting


def request_approval(given: Input, services: Services) -> Mapping[str, Any]:
    """{"deadline": timestamp}. A repeated call stores the newer token and notifies again."""
    now = services.clock()
    seconds = int(given["timeoutSeconds"])
    task_id = str(given["taskId"])
    task = services.tasks.get(task_id)
    waiting = Waiting(
        task_id=task_id,
        version=task.version if task else 0,
        token=str(given["taskToken"]),
        requested_at=timestamp(now),
        deadline=timestamp(now + timedelta(seconds=seconds)),
    )
    services.approvals.wait(waiting)
    services.meter.record(APPROVALS_REQUESTED, 1)
    if task is not None:
        route = f"POST /tasks/{task.task_id}/approval"
        data: dict[str, object] = {
            "taskId": task.task_id,
            "version": task.version,
            "title": task.title,
            "userId": task.user_id,
            "route": route,
        }
        text = "\n".join(
            [
                f"{one_line(task.user_id)} asks for approval: {one_line(task.title)}",
                "",
                f"Decide before {waiting.deadline}:",
                f'  {route} {{"decision": "approve"}}, or "reject" with a "reason"',
                f"""  with the header If-Match: "{task.version}", so that it counts for what you have read""",
            ]
        )
        attributes = {"detailType": "ApprovalRequested"}
        services.notifications.publish(
            "Approval needed", json.dumps(data | {"deadline": waiting.deadline}), text, attributes
        )
    return {"deadline": waiting.deadline}


handler = step(request_approval, uses=("tasks", "approvals", "notifications", "meter"))
