"""`make invoke`: every function gets the event that its trigger would pass to it."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.functions import HttpTrigger, QueueTrigger, WorkflowTrigger, function_map
from scripts.base.paths import INFRA
from scripts.deployments.target import Target
from scripts.documents.contracts import published_samples
from scripts.operators import samples
from scripts.operators.deliveries import TASKS, record_of
from scripts.operators.invoke import call
from scripts.operators.log_lines import one_function
from scripts.operators.trigger_events import Invocation, payload_of, trigger_event
from services.adapters.dynamodb.approvals import awaited_verdict
from services.adapters.dynamodb.stream import aggregate_of, write_of
from services.adapters.dynamodb.wire import item_to_wire
from services.api.request import Request
from services.core.aggregates import AGGREGATES, EVENTS
from services.core.events import events_of
from services.core.status import Priority, Status
from services.core.task import Task
from services.reactions.consumer import reader
from tests.harness.builders import a_task

CAUSE = "invoke-1"


class NotFound(Exception):
    """What the fake gateway raises for an API that is not a REST API."""


class Cloud:
    """Clients of a deployment with an API of either type, the real workflow, and one approval."""

    def __init__(self, api_type: str = "http", approval: dict[str, Any] | None = None) -> None:
        self._api_type = api_type
        self._approval = approval
        self.exceptions = SimpleNamespace(NotFoundException=NotFound)

    def get_rest_api(self, **_: str) -> None:
        if self._api_type == "http":
            raise NotFound

    def describe_state_machine(self, **_: str) -> dict[str, str]:
        text = (INFRA / "approval.asl.json").read_text()
        text = re.sub(r'"\$\{(\w+)_arn\}"', r'"arn:aws:lambda:x:0:function:stack-\1:live"', text)
        return {"definition": re.sub(r"\$\{approval_timeout_\w+\}", "60", text)}

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": self._approval} if self._approval else {}


def deployed(cloud: Cloud | None = None, auth: str = "none") -> Target:
    names = {name: f"stack-{name}" for name in function_map()}
    outputs = {
        "api_id": "api",
        "auth": {"mode": auth},
        "function_names": names,
        "approval_state_machine_arn": "arn",
        "table_names": {name: name for name in ("approvals", *(one.table for one in AGGREGATES))},
    }
    return Target(outputs, lambda _: cloud or Cloud())


def of_type(kind: type[Any]) -> list[str]:
    return [name for name, function in function_map().items() if isinstance(function.trigger, kind)]


def event_for(
    name: str, sample: str = "", task_id: str = "", *, target: Target | None = None, caller: str = "grace"
) -> Any:
    invocation = Invocation(target or deployed(), name, function_map()[name], caller, CAUSE)
    return trigger_event(invocation, sample, task_id)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Task:
    """The task that the deployment holds."""
    task = a_task(priority=Priority.HIGH, status=Status.PENDING_APPROVAL, version=4, user_id="auth0|ada b")
    monkeypatch.setattr(samples, "stored_task", lambda *_: task)
    return task


@pytest.mark.parametrize("api_type", ["http", "rest"])
@pytest.mark.parametrize("name", of_type(HttpTrigger))
def test_http_functions_get_a_request_to_their_route(name: str, api_type: str, stored: Task) -> None:
    routes = function_map()[name].trigger.routes  # type: ignore[union-attr]

    request = Request.from_gateway(event_for(name, "", "id", target=deployed(Cloud(api_type))))

    assert request.is_http_api == (api_type == "http")
    assert request.route == next(iter(routes))
    assert request.correlation_id == CAUSE
    known = {"taskId": stored.task_id, "userId": "auth0|ada b"}
    assert all(value == known[name] for name, value in request.path_parameters.items())


@pytest.mark.parametrize("sample", EVENTS)
def test_bodies_of_requests_are_valid(sample: str) -> None:
    from services.api import create_task, decide_approval, update_task

    for module in (create_task, update_task, decide_approval):
        (operation,) = module.ENDPOINTS
        assert operation.body
        name = module.__name__.rpartition(".")[2]

        assert Request.from_gateway(event_for(name, sample)).body(operation.body)


def test_file_is_the_body_of_a_request(tmp_path: Path, stored: Task) -> None:
    (tmp_path / "body.json").write_text('{"title": "From a file"}')

    request = Request.from_gateway(event_for("update_task", str(tmp_path / "body.json"), "id"))

    assert json.loads(request.raw_body) == {"title": "From a file"}
    assert request.path_parameters["taskId"] == stored.task_id


def test_claims_are_the_owners_and_of_a_decision_the_callers() -> None:
    secured = deployed(auth="jwt")

    update = Request.from_gateway(event_for("update_task", target=secured))
    decision = Request.from_gateway(event_for("decide_approval", target=secured))

    assert (update.claims["sub"], decision.claims["sub"]) == ("ada", "grace")
    assert json.loads(decision.raw_body) == {"decision": "approve"}


@pytest.mark.parametrize("name", of_type(QueueTrigger))
def test_reactions_get_a_message_with_each_event_of_their_queue(name: str) -> None:
    detail_types = function_map()[name].trigger.detail_types  # type: ignore[union-attr]
    for detail_type in detail_types:
        (message,) = event_for(name, detail_type)["Records"]

        event = reader(EVENTS[detail_type])(message["body"])

        assert (event.detail_type, event.correlation_id, message["messageId"]) == (detail_type, CAUSE, CAUSE)


def test_event_of_a_real_task_has_the_id_under_which_it_was_published(stored: Task) -> None:
    (message,) = event_for("on_created", "", "id")["Records"]
    first = stored.model_copy(update={"version": 1})
    (published,) = events_of(write_of(record_of({"NewImage": _item(first)}, "INSERT", TASKS)))

    event = json.loads(message["body"])["detail"]

    assert event["eventId"] == published.event_id
    assert event["taskId"] == stored.task_id


def test_file_is_an_events_detail_or_its_envelope(tmp_path: Path) -> None:
    detail = json.loads(samples.sample("TaskExpired").as_json())
    (tmp_path / "TaskExpired.mine.json").write_text(json.dumps(detail))
    (tmp_path / "envelope.json").write_text(json.dumps({"detail-type": "TaskMoved", "detail": {}}))

    (named,) = event_for("on_deleted", str(tmp_path / "TaskExpired.mine.json"))["Records"]
    (whole,) = event_for("on_deleted", str(tmp_path / "envelope.json"))["Records"]

    assert json.loads(named["body"])["detail-type"] == "TaskExpired"
    assert json.loads(named["body"])["detail"] == detail | {"correlationId": CAUSE}
    assert json.loads(whole["body"]) == {"detail-type": "TaskMoved", "detail": {}}


@pytest.mark.parametrize("sample", sorted(published_samples().keys() - {"TaskExpired"}))
def test_relay_gets_the_record_of_the_write_behind_an_event(sample: str) -> None:
    (record,) = event_for("relay", sample)["Records"]

    events = aggregate_of(record).events_of(write_of(record))

    published = samples.sample(sample)
    assert published.event_id in [event.event_id for event in events]
    assert {event.correlation_id for event in events} == {CAUSE}
    assert events[0].changes == published.changes or sample == "TaskDeleted"


def test_delivery_of_a_decision_gets_an_item_with_token_and_verdict() -> None:
    (record,) = event_for("deliver_decision", "TaskRejected")["Records"]

    awaited = awaited_verdict(record)

    assert awaited is not None
    assert awaited.verdict.approval == samples.sample("TaskRejected").task.approval


def test_delivery_of_a_real_tasks_decision_gets_the_stored_item(stored: Task) -> None:
    verdict = {"kind": "cancelled", "correlationId": "another"}
    item = item_to_wire({"taskId": stored.task_id, "taskToken": "token", "verdict": verdict})

    (record,) = event_for("deliver_decision", "", "id", target=deployed(Cloud(approval=item)))["Records"]

    awaited = awaited_verdict(record)
    assert awaited is not None
    assert (awaited.token, awaited.verdict.correlation_id) == ("token", CAUSE)
    with pytest.raises(Failure, match="has no approval"):
        event_for("deliver_decision", "", "id")


@pytest.mark.parametrize("name", of_type(WorkflowTrigger))
def test_steps_get_what_the_deployed_workflow_passes(name: str, stored: Task) -> None:
    item = item_to_wire({"taskId": stored.task_id, "taskToken": "the waiting one"})

    given = event_for(name, "", "id", target=deployed(Cloud(approval=item)))

    assert (given["taskId"], given["correlationId"]) == (stored.task_id, CAUSE)
    if name == "request_approval":
        assert (given["taskToken"], given["timeoutSeconds"]) == ("the waiting one", 60)
    if name == "apply_decision":
        assert given["verdict"]["approval"]["taskVersion"] == stored.version


def test_unknown_workflow_is_refused_with_what_is_missing() -> None:
    definition = {"States": {"A": {"Parameters": {"FunctionName": "x:f:live", "Payload": {"a.$": "$.new"}}}}}

    with pytest.raises(Failure, match=r"passes '\$\.new' to f"):
        payload_of(definition, "f", {})
    with pytest.raises(Failure, match="no state of the deployed workflow calls g"):
        payload_of(definition, "g", {})


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"sample": "TaskMoved"}, "EVENT is a file with JSON, or "),
        ({"sample": str(INFRA / "main.tf")}, "(is not JSON|there is no sample or file)"),
        ({"sample": "TaskCompleted", "task_id": "id"}, "TaskCompleted is of completed tasks"),
    ],
)
def test_unusable_event_is_refused(given: dict[str, str], complaint: str, stored: Task) -> None:
    with pytest.raises(Failure, match=complaint):
        event_for("on_completed", **given)


def test_file_and_task_together_are_refused_but_for_requests(tmp_path: Path, stored: Task) -> None:
    (tmp_path / "a.json").write_text("{}")

    with pytest.raises(Failure, match="leave out TASK="):
        event_for("relay", str(tmp_path / "a.json"), "id")


def test_name_of_several_functions_is_refused() -> None:
    assert one_function(deployed(), "on-created") == "on_created"
    with pytest.raises(Failure, match="names several functions: it is one of on_completed, on_created"):
        one_function(deployed(), "on_")


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        ({"Payload": "null"}, False),
        ({"Payload": "{}", "FunctionError": "Unhandled"}, True),
        ({"Payload": '{"batchItemFailures": []}'}, False),
        ({"Payload": '{"batchItemFailures": [{"itemIdentifier": "1"}]}'}, True),
        ({"Payload": '{"statusCode": 404}'}, False),
        ({"Payload": '{"statusCode": 503}'}, True),
    ],
)
def test_failed_call_is_told_from_a_successful_one(answer: dict[str, Any], failed: bool) -> None:
    payload = SimpleNamespace(read=lambda: answer["Payload"].encode())
    functions = SimpleNamespace(invoke=lambda **_: answer | {"Payload": payload})

    _, told = call(Target({"function_names": {"relay": "r"}}, lambda _: functions), "relay", {})

    assert told == failed


def _item(task: Task) -> dict[str, Any]:
    return item_to_wire(task.as_document() | {"correlationId": "cause"})
