"""Events that make each function do all of its work, full of values that no log line may hold."""

import json
from typing import Any

import httpx

from scripts.operators.gateway_events import gateway_event
from services.core.event import Write
from services.core.events import events_of
from services.core.status import Priority, Status
from services.core.task import Approval, Task, next_version
from services.core.verdicts import Verdict
from tests.aws.planted import AUTHORIZATION, DESCRIPTION, REASON, TAG, TASK_TOKEN, TITLE
from tests.harness.builders import a_task
from tests.harness.deliveries import approval_record, event_message, stream_record
from tests.harness.fakes import NOON
from tests.harness.function_map import FUNCTIONS

TASK = a_task(
    title=TITLE,
    description=DESCRIPTION,
    tags=(TAG,),
    priority=Priority.HIGH,
    status=Status.PENDING_APPROVAL,
)
VERDICT = Verdict(
    kind="decided",
    approval=Approval(
        decision="approve", approver="grace", reason=REASON, decided_at="2026-01-31T12:00:00.000Z"
    ),
    correlation_id="cause",
)
_BODIES: dict[str, dict[str, Any]] = {
    "POST /tasks": {"title": TITLE, "description": DESCRIPTION, "userId": "ada", "tags": [TAG]},
    "PUT /tasks/{taskId}": {"title": f"{TITLE} 2", "description": DESCRIPTION},
    "POST /tasks/{taskId}/approval": {"decision": "approve", "reason": REASON, "approver": "grace"},
}

SETTINGS = {
    "TASKS_TABLE": "tasks",
    "FEED_SHARDS": "1",
    "STATUS_SHARDS": "1",
    "PROCESSED_EVENT_DAYS": "1",
    "RETENTION_DAYS": "90",
    "NOTIFICATIONS_TOPIC": "arn:aws:sns:eu-central-1:000000000000:notifications",
    "APPROVAL_STATE_MACHINE": "arn:aws:states:eu-central-1:000000000000:stateMachine:approval",
    "RELAY_DEAD_LETTER_QUEUE": "https://sqs.eu-central-1.amazonaws.com/000000000000/relay-dead-letters",
}


def events_for(function: str) -> list[Any]:
    """The events for a function, in order."""
    match FUNCTIONS[function]["trigger"]:
        case {"type": "http", "routes": routes}:
            return [_request(*route.split(" ")) for route in routes]
        case {"type": "queue", "detail_types": kinds}:
            return [{"Records": [_message(kind) for kind in kinds]}]
        case {"type": "stream", "table": "tasks"}:
            unreadable = {"eventID": "7", "dynamodb": {"NewImage": {"title": {"S": TITLE}}}}
            return [{"Records": [stream_record(None, TASK), unreadable]}]
        case {"type": "stream"}:
            return [{"Records": [approval_record(TASK.task_id, TASK_TOKEN, VERDICT)]}]
    given = {
        "taskId": TASK.task_id,
        "version": 1,
        "correlationId": "cause",
        "taskToken": TASK_TOKEN,
        "timeoutSeconds": 60,
        "decision": "reject",
        "verdict": json.loads(VERDICT.model_dump_json(by_alias=True, exclude_none=True)),
        "requestedAt": "2026-01-31T11:59:00.000Z",
    }
    return [given]


def _request(method: str, route: str) -> dict[str, Any]:
    headers = {"authorization": AUTHORIZATION, "idempotency-key": "key", "x-correlation-id": "cause"}
    query = "?userId=ada" if route == "/users/stats" else ""
    path = route.replace("{taskId}", TASK.task_id).replace("{userId}", "ada") + query
    request = httpx.Request(
        method, f"http://tasks.test{path}", headers=headers, json=_BODIES.get(f"{method} {route}")
    )
    parameters = {"taskId": TASK.task_id} if "{taskId}" in route else {"userId": "ada"}
    return gateway_event(request, route, parameters if "{" in route else {}, "http")


def _message(kind: str) -> dict[str, Any]:
    """An event of this kind in a message."""
    done: Task = next_version(TASK, NOON, status=Status.COMPLETED)
    approved = next_version(TASK, NOON, status=Status.APPROVED, approval=VERDICT.approval)
    rejected = next_version(TASK, NOON, status=Status.REJECTED)
    writes = [
        Write(None, TASK, "cause", TASK.updated_at),
        Write(TASK, done, "cause", done.updated_at),
        Write(TASK, approved, "cause", approved.updated_at),
        Write(TASK, rejected, "cause", rejected.updated_at),
        Write(TASK, None, "cause", TASK.updated_at),
        Write(TASK, None, "cause", TASK.updated_at, expired=True),
    ]
    found = [event for write in writes for event in events_of(write) if event.detail_type == kind]
    return event_message(found[0])
