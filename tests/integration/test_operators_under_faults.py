"""The operators' commands on the deployed stack, behind a proxy that adds faults which occur on AWS.

The first call of every operation is throttled, and listings begin with an empty page and a token.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.base.local_account import ACCESS_KEY, REGION, SECRET_KEY
from scripts.clouds.clients import client
from scripts.deployments.aws.workflows import end_executions
from scripts.deployments.target import Target
from scripts.operators import dead_letters, redrive, replay, status
from scripts.operators.log_lines import LogReader, about
from scripts.operators.restore import exported, remembered
from scripts.operators.tap import Tap
from tests.harness.as_aws import account
from tests.harness.command_line import task_manager
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, change_json, fault_proxy, is_call
from tests.harness.faults import dead_letters as number_of_dead_letters
from tests.harness.faults import quick_retries
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually
from tests.integration.conftest import CLOUD
from tests.integration.test_operators import place_in_stream

# Each service's answer to a throttled call; S3 and the query APIs answer in XML, and are left out.
THROTTLES = {
    "dynamodb": Answer.refusal("ProvisionedThroughputExceededException"),
    "events": Answer.refusal("ThrottlingException"),
    "lambda": Answer.refusal("TooManyRequestsException", 429),
    "logs": Answer.refusal("ThrottlingException"),
    "sqs": Answer.refusal("ThrottlingException"),
    "states": Answer.refusal("ThrottlingException"),
}
# Operation → its empty first page, and the name of the token in answer and query.
LISTINGS = {
    "FilterLogEvents": ({"events": []}, "nextToken"),
    "ListExecutions": ({"executions": []}, "nextToken"),
}


@pytest.fixture
def proxy(stack: DeployedStack) -> Iterator[FaultProxy]:
    """In front of the stack; throttles, and begins listings with an empty page."""
    throttled: set[str] = set()

    def is_first(call: Call) -> bool:
        fresh = call.service in THROTTLES and str(call) not in throttled
        if fresh:
            throttled.add(str(call))
        return fresh

    def starts_listing(call: Call) -> bool:
        return call.operation in LISTINGS

    def page(call: Call, forward: Forward) -> Answer:
        empty, token = LISTINGS[call.operation]
        query = call.json
        if token not in query:
            return Answer.of_json(empty | {token: "begin"})
        if query[token] != "begin":
            return forward()
        logs_or_states = client("logs" if call.service == "logs" else "stepfunctions", stack.endpoint)
        operation = "filter_log_events" if call.service == "logs" else "list_executions"
        answer = getattr(logs_or_states, operation)(**{key: query[key] for key in query if key != token})
        answer.pop("ResponseMetadata")
        return Answer.of_json(json.loads(json.dumps(answer, default=lambda moment: moment.timestamp())))

    with fault_proxy(stack.endpoint) as proxy:
        proxy.add(is_first, lambda call, _forward: THROTTLES[call.service])
        proxy.add(starts_listing, page)
        yield proxy


@pytest.fixture
def target(stack: DeployedStack, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Target:
    chosen = Target(stack.outputs, account(proxy, (ACCESS_KEY, SECRET_KEY), REGION).client)
    for command in (dead_letters, redrive, replay, status):
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: chosen)
    monkeypatch.setenv("COLUMNS", "200")
    return chosen


def a_user() -> str:
    return f"faults-{uuid4().hex[:8]}"


def throttles(proxy: FaultProxy) -> int:
    return len(proxy.rules[0].seen)


def test_dead_letters_are_shown_and_moved_back(
    stack: DeployedStack, target: Target, proxy: FaultProxy, capsys: pytest.CaptureFixture[str]
) -> None:
    url = stack.outputs["dead_letter_queue_urls"]["updated"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"detail-type": "Unknown"}))

    task_manager("dead-letters")
    assert "1 dead letters" in capsys.readouterr().out

    with quick_retries(stack, "updated"):
        task_manager("redrive", "--queue", "updated")
        assert "Moved back: 1." in capsys.readouterr().out
        assert throttles(proxy) >= 4

        # The reaction cannot read it either, and its reason is found behind the empty page.
        letters = eventually(lambda: list(dead_letters.read(target, "updated")), "the letter, given up again")
    assert dead_letters.reason_of(target, letters[0]) != dead_letters.UNKNOWN

    for letter in letters:
        stack.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=letter.receipt)


def test_a_redriven_expiry_is_published_as_task_expired(
    stack: DeployedStack, target: Target, proxy: FaultProxy, api: httpx.Client, bus: Tap
) -> None:
    """No local cloud writes records of expiry, so the proxy turns the record of a creation into one."""
    task = api.post("/tasks", json={"title": "a", "userId": a_user()}).json()
    note = {"DDBStreamBatchInfo": place_in_stream(stack, task["taskId"])}

    def expiry(page: dict[str, Any]) -> dict[str, Any]:
        for record in page["Records"]:
            record["eventName"] = "REMOVE"
            record["userIdentity"] = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
            record["dynamodb"]["OldImage"] = record["dynamodb"].pop("NewImage")
        return page

    proxy.add(is_call("dynamodb", "GetRecords"), change_json(expiry))
    sqs, url = stack.client("sqs"), stack.outputs["dead_letter_queue_urls"]["relay"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(note))

    task_manager("redrive", "--queue", "relay")
    received: list[str] = []

    def expired() -> bool:
        received.extend(one.detail_type for one in bus.receive() if one.detail["taskId"] == task["taskId"])
        return "TaskExpired" in received

    eventually(expired, "the expiry")
    assert "TaskDeleted" not in received
    assert number_of_dead_letters(stack, "relay") == 0
    (invocation,) = [call for call in proxy.calls if call.path.endswith("invocations?Qualifier=live")][-1:]
    assert invocation.json["Records"][0]["userIdentity"]["principalId"] == "dynamodb.amazonaws.com"


def test_logs_and_status_are_complete(
    stack: DeployedStack, target: Target, proxy: FaultProxy, api: httpx.Client
) -> None:
    answer = api.post("/tasks", json={"title": "a", "userId": a_user(), "priority": "high"})
    correlation_id = answer.headers["x-correlation-id"]

    def lines() -> set[str]:
        reader = LogReader(target, sorted(stack.outputs["function_names"]))
        found = reader.read(datetime.now(UTC) - timedelta(minutes=5), correlation_id)
        return {line.function for line in about(found, correlation_id=correlation_id)}

    eventually(lambda: lines() >= {"create_task", "relay", "on_created"}, "lines of all that followed")
    assert "missing" not in status.function_versions(target).values()
    assert set(status.queue_depths(target, stack.outputs["queue_urls"])) == set(stack.outputs["queue_urls"])
    eventually(lambda: status.pending_approvals(target) >= 1, "the task among those that wait")
    assert throttles(proxy) >= len(stack.outputs["function_names"])

    api.delete(f"/tasks/{answer.json()['taskId']}").raise_for_status()


@pytest.mark.requires("stopping_what_waits")
def test_waiting_executions_are_ended(
    stack: DeployedStack, target: Target, proxy: FaultProxy, api: httpx.Client
) -> None:
    task = api.post("/tasks", json={"title": "a", "userId": a_user(), "priority": "high"}).json()
    machine = stack.outputs["approval_state_machine_arn"]
    states = stack.client("stepfunctions")

    def waiting() -> list[str]:
        running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        return [one["executionArn"] for one in running if task["taskId"] in one["name"]]

    (execution,) = eventually(waiting, "the approval")

    assert end_executions(target.client("stepfunctions"), machine) >= 1
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"


@pytest.mark.skipif(CLOUD == "localstack", reason="LocalStack does not replay archives that hold events")
def test_replayed_events_are_all_received(
    stack: DeployedStack, target: Target, proxy: FaultProxy, api: httpx.Client, bus: Tap
) -> None:
    since, user = datetime.now(UTC) - timedelta(seconds=1), a_user()
    tasks = {api.post("/tasks", json={"title": "a", "userId": user}).json()["taskId"] for _ in range(5)}
    received: set[str] = set()

    def published() -> bool:
        received.update(one.detail["taskId"] for one in bus.receive())
        return received >= tasks

    eventually(published, "the events")

    memory = remembered(target, since, datetime.now(UTC) + timedelta(seconds=1))

    assert set(memory.newest) >= tasks
    assert {item["taskId"] for item in exported(target)} >= tasks
    assert throttles(proxy) >= 5
