"""The event that a function's trigger would pass to it, about a sample, a real task, or a file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import httpx

from scripts.base.failure import Failure
from scripts.base.functions import Function, HttpTrigger, QueueTrigger, StreamTrigger, WorkflowTrigger
from scripts.deployments.target import Target
from scripts.operators.deliveries import envelope, queue_message, record_of, stream_record
from scripts.operators.gateway_events import gateway_event
from scripts.operators.samples import Subject, chosen_subject, event_from
from services.adapters.dynamodb.approvals import token_from_item
from services.adapters.dynamodb.wire import item_to_wire
from services.core.aggregates import AGGREGATES
from services.core.callers import Scope
from services.core.moments import timestamp
from services.core.task import Approval
from services.core.verdicts import Verdict

CHANGEABLE = ("title", "description", "status", "priority", "tags")
NO_WORKFLOW = "make-invoke"
"""A task token that no execution holds."""


@dataclass(frozen=True)
class Invocation:
    """Who calls which function of which deployment, and the id by which its log lines are found."""

    target: Target
    name: str
    function: Function
    caller: str
    cause: str


def trigger_event(invocation: Invocation, sample: str, task_id: str) -> Any:
    """The function's event. Raises Failure."""
    trigger = invocation.function.trigger
    ordinary = trigger.detail_types[0] if isinstance(trigger, QueueTrigger) else "TaskCreated"
    subject = chosen_subject(invocation.target, sample, task_id, ordinary, invocation.cause)
    if subject.content is not None and task_id and not isinstance(trigger, HttpTrigger):
        raise Failure("EVENT=file holds the whole event: leave out TASK=")
    match trigger:
        case HttpTrigger():
            return _request(invocation, next(iter(trigger.routes)), subject)
        case QueueTrigger():
            return {"Records": [_message(invocation, trigger, subject)]}
        case StreamTrigger(tables) if "tasks" in tables:
            return {"Records": [_write(invocation, subject)]}
        case StreamTrigger():
            return {"Records": [_approval(invocation, subject)]}
        case WorkflowTrigger():
            return _step(invocation, subject)


def api_type(target: Target) -> str:
    """The kind of API that is deployed: `http` or `rest`."""
    rest = target.client("apigateway")
    try:
        rest.get_rest_api(restApiId=target.outputs["api_id"])
    except rest.exceptions.NotFoundException:
        return "http"
    return "rest"


def _request(invocation: Invocation, route: str, subject: Subject) -> dict[str, Any]:
    """A request to the route; a file is its body. With authentication, it has the claims of a token."""
    target, task = invocation.target, subject.task
    method, template = route.split(" ")
    kind = api_type(target)
    in_path = {"taskId": quote(task.task_id, safe=""), "userId": quote(task.user_id, safe="")}
    parameters = {name: value for name, value in in_path.items() if f"{{{name}}}" in template}
    secured = target.outputs["auth"]["mode"] != "none"
    decides = template.endswith("/approval")
    body = subject.content or _body(route, subject, None if secured else invocation.caller)
    request = httpx.Request(
        method,
        f"https://invoke.test{template.format_map(in_path)}",
        params={"userId": task.user_id} if route == "GET /tasks" else None,
        json=body if method in ("POST", "PUT", "PATCH") else None,
        headers={"x-correlation-id": invocation.cause},
    )
    if kind == "http":  # HTTP APIs decode the parameters
        parameters = {name: unquote(value) for name, value in parameters.items()}
    claims = {"sub": invocation.caller if decides else task.user_id, "scope": " ".join(Scope)}
    return gateway_event(request, template, parameters, kind, claims if secured else None)


def _body(route: str, subject: Subject, approver: str | None) -> dict[str, Any]:
    document = subject.task.as_document()
    match route:
        case "POST /tasks":
            return {name: document[name] for name in ("title", "description", "priority", "tags", "userId")}
        case "POST /tasks/{taskId}/approval":
            return {"decision": "approve"} | ({"approver": approver} if approver else {})
    changed = {name: change.new for name, change in subject.event.changes.items() if name in CHANGEABLE}
    return changed or {name: document[name] for name in ("title", "description", "tags")}


def _message(invocation: Invocation, trigger: QueueTrigger, subject: Subject) -> dict[str, Any]:
    """A message with the event in EventBridge's envelope. A file holds an envelope, or an event's detail."""
    content = subject.content
    if isinstance(content, dict) and "detail-type" in content:
        body = content
    elif content is not None:
        body = envelope(subject.named or trigger.detail_types[0], _caused(content, invocation.cause))
    else:
        body = envelope(subject.event.detail_type, json.loads(subject.event.as_json()))
    return queue_message(json.dumps(body), invocation.cause, datetime.now(UTC))


def _caused(detail: Any, cause: str) -> dict[str, Any]:
    if not isinstance(detail, dict):
        raise Failure("the file holds no event: a JSON object is expected")
    return detail | {"correlationId": cause}


def _write(invocation: Invocation, subject: Subject) -> dict[str, Any]:
    """The record of the write that gave the event."""
    event = subject.event
    if subject.content is not None:
        name = subject.named or event.detail_type
        event = event_from(name, _caused(subject.content, invocation.cause))
    entity = getattr(event, event.entity)
    old, new = (entity, None) if event.is_removal else (_before(entity, event.changes), entity)
    at = datetime.now(UTC).timestamp()
    (kept,) = (one.table for one in AGGREGATES if type(event) in one.events)
    table = invocation.target.outputs["table_names"][kept]
    return stream_record(old, new, invocation.cause, at, table=table, event_id=invocation.cause)


def _before(entity: Any, changes: Mapping[str, Any]) -> Any:
    """The entity before its last change; None for the first version."""
    if entity.version == 1:
        return None
    document = entity.model_dump(mode="json", by_alias=True)
    before = document | {name: change.old for name, change in changes.items()}
    present = {name: value for name, value in before.items() if value is not None}
    return type(entity).model_validate(present | {"version": entity.version - 1}, strict=False)


def _approval(invocation: Invocation, subject: Subject) -> dict[str, Any]:
    """The record of an item of the approvals table: of a real task, that item; else a decided one."""
    table = invocation.target.outputs["table_names"]["approvals"]
    if subject.real:
        item = _stored_approval(invocation, subject.task.task_id)
        if not item:
            raise Failure(f"the task {subject.task.task_id} has no approval")
        if "verdict" in item:
            item["verdict"]["M"]["correlationId"] = {"S": invocation.cause}
        return record_of({"NewImage": item}, "MODIFY", table, invocation.cause)
    verdict = _verdict(invocation, subject)
    fields: dict[str, Any] = subject.content or {
        "taskId": subject.task.task_id,
        "taskToken": NO_WORKFLOW,
        "taskVersion": verdict["approval"]["taskVersion"],
        "requestedAt": subject.task.created_at,
        "verdict": verdict,
    }
    return record_of({"NewImage": item_to_wire(fields)}, "MODIFY", table, invocation.cause)


def _stored_approval(invocation: Invocation, task_id: str) -> dict[str, Any]:
    answer = invocation.target.client("dynamodb").get_item(
        TableName=invocation.target.outputs["table_names"]["approvals"], Key={"taskId": {"S": task_id}}
    )
    return dict(answer.get("Item", {}))


def _verdict(invocation: Invocation, subject: Subject) -> dict[str, Any]:
    """The decision on the task, or where there is none, an approval by the caller."""
    approval = subject.task.approval or Approval(
        decision="approve",
        approver=invocation.caller,
        decided_at=timestamp(datetime.now(UTC)),
        task_version=subject.task.version,
    )
    verdict = Verdict(kind="decided", approval=approval, correlation_id=invocation.cause)
    return verdict.model_dump(mode="json", by_alias=True, exclude_none=True)


def _step(invocation: Invocation, subject: Subject) -> dict[str, Any]:
    """What the deployed workflow would pass to the function; a file holds the whole input.

    A real task's token is the one of the execution that waits for it, so that this goes on waiting for it.
    """
    if subject.content is not None:
        return _caused(subject.content, invocation.cause)
    target, task = invocation.target, subject.task
    stored = _stored_approval(invocation, task.task_id) if subject.real else {}
    values = {
        "$.taskId": task.task_id,
        "$.correlationId": invocation.cause,
        "$.verdict": _verdict(invocation, subject),
        "$$.Task.Token": token_from_item(stored) or NO_WORKFLOW,
        "$$.Execution.StartTime": timestamp(datetime.now(UTC)),
    }
    machine = target.client("stepfunctions").describe_state_machine(
        stateMachineArn=target.outputs["approval_state_machine_arn"]
    )
    called = target.outputs["function_names"][invocation.name]
    return payload_of(json.loads(machine["definition"]), called, values)


def payload_of(definition: Mapping[str, Any], function: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of the state that calls a function, with these values in place of paths. Raises Failure."""
    parameters = (state.get("Parameters", {}) for state in definition["States"].values())
    called = (one for one in parameters if function in str(one.get("FunctionName", "")).split(":"))
    found = next(called, None)
    if found is None:
        raise Failure(f"no state of the deployed workflow calls {function}")
    try:
        return {
            name.removesuffix(".$"): values[value] if name.endswith(".$") else value
            for name, value in found["Payload"].items()
        }
    except KeyError as error:
        raise Failure(f"the deployed workflow passes {error} to {function}, and no sample has it") from error
