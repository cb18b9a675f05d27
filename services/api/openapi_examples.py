"""Examples for the OpenAPI document, made by the models and rules: they are never out of date."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from services.api.list_events import EventList
from services.api.list_tasks import TaskPage
from services.api.problems import UnsupportedContent, problem
from services.core.approvals import ApprovalRequest
from services.core.errors import (
    Conflict,
    FieldError,
    InputTooLarge,
    InvalidInput,
    MalformedInput,
    ServiceUnavailable,
    TaskNotFound,
    VersionMismatch,
)
from services.core.event import Write
from services.core.events import events_of
from services.core.feed import entry_of
from services.core.moments import timestamp
from services.core.statistics import UserStatistics
from services.core.status import Priority, Status
from services.core.task import Approval, NewTask, Task, TaskChanges, begin

OWNER = "ada"

_NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_CORRELATION_ID = "5f68a1c3"
_NEW = NewTask(title="Renew the certificate", priority=Priority.HIGH, tags=("ops",))
_TASK = begin(_NEW.owned_by(OWNER), "019c1415-f200-7a1f-8c2d-1234567890ab", _NOON)
_APPROVAL = Approval(
    decision="approve",
    approver="grace",
    reason="It expires on Monday.",
    decided_at=timestamp(_NOON.replace(minute=5)),
    task_version=_TASK.version,
)
_STATISTICS = UserStatistics(
    user_id=OWNER,
    created=3,
    completed=2,
    average_completion_seconds=5400.0,
    last_completed_at=timestamp(_NOON.replace(hour=15)),
)
_EVENTS = tuple(
    entry_of(event, _NOON.replace(microsecond=120_000))
    for event in events_of(Write(None, _TASK, _CORRELATION_ID, _TASK.created_at))
)


def _json(model: BaseModel, **how: Any) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, **how)


EXAMPLES: Mapping[type[BaseModel], dict[str, Any]] = {
    NewTask: _json(_NEW, exclude_unset=True),
    TaskChanges: _json(TaskChanges(status=Status.IN_PROGRESS), exclude_unset=True),
    ApprovalRequest: _json(
        ApprovalRequest(decision="approve", reason=_APPROVAL.reason or ""), exclude_unset=True
    ),
    Task: _json(_TASK),
    TaskPage: _json(TaskPage(tasks=(_TASK,), count=1, next_cursor=None)),
    Approval: _json(_APPROVAL),
    UserStatistics: _json(_STATISTICS),
    EventList: _json(EventList(events=_EVENTS, count=len(_EVENTS))),
}

_ERRORS: Mapping[int, Exception] = {
    400: MalformedInput("The body is not JSON in UTF-8."),
    404: TaskNotFound(_TASK.task_id),
    409: Conflict(
        "status cannot go from pending_approval to in_progress; no status can be set from here.",
        Status.PENDING_APPROVAL,
    ),
    412: VersionMismatch("The task is at version 2, which If-Match or If-None-Match excludes.", "2"),
    413: InputTooLarge("The body is larger than 131072 bytes."),
    415: UnsupportedContent("The body must be application/json.", {}),
    422: InvalidInput([FieldError("#/title", "Field required")]),
    500: Exception(),
    503: ServiceUnavailable(),
}


def problem_example(status: int) -> dict[str, Any]:
    """A problem of this status."""
    answer = problem(_ERRORS[status], f"/tasks/{_TASK.task_id}", _CORRELATION_ID)
    example: dict[str, Any] = json.loads(answer.body)
    return example
