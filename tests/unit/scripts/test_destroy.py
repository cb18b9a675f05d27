"""Destroying an environment in which approvals wait: AWS keeps their state machine until they have ended."""

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.deployments.aws import workflows
from scripts.deployments.aws.workflows import LIMIT_SECONDS, end_executions
from scripts.deployments.deploy import Delivery
from tests.harness.as_aws import account
from tests.harness.clock import Clock
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, fault_proxy, is_call

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:task-manager-dev-approval"
BUS = "task-manager-dev"
GONE = Answer.refusal("StateMachineDoesNotExist", message="State Machine Does Not Exist")


class StepFunctions:
    """A stopped execution runs on for a moment, and a deleted machine stays until all have ended."""

    def __init__(self, executions: int, *, stubborn: bool = False) -> None:
        self.ends_in: dict[str, int | None] = {f"{MACHINE}:{number}": None for number in range(executions)}
        self.deleted = False
        self.stubborn = stubborn
        self.stopped: list[dict[str, Any]] = []

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        match call.operation:
            case "ListExecutions":
                return self.list(call.json)
            case "StopExecution":
                self.stopped.append(call.json)
                self.ends_in[call.json["executionArn"]] = None if self.stubborn else 2
                return Answer.of_json({"stopDate": 0})
            case "DeleteStateMachine":
                self.deleted = True
                return Answer.of_json({})
            case "DescribeStateMachine":
                gone = self.deleted and not self.ends_in
                return GONE if gone else Answer.of_json({"status": "DELETING" if self.deleted else "ACTIVE"})
        raise AssertionError(call.operation)

    def list(self, query: dict[str, Any]) -> Answer:
        """The first page is empty, and there are more: AWS filters after it has read a page."""
        if self.deleted and not self.ends_in:
            return GONE
        if "nextToken" not in query:
            return Answer.of_json({"executions": [], "nextToken": "more"})
        assert query["statusFilter"] == "RUNNING"
        running = [{"executionArn": arn} for arn in self.ends_in]
        left = {arn: None if moments is None else moments - 1 for arn, moments in self.ends_in.items()}
        self.ends_in = {arn: moments for arn, moments in left.items() if moments is None or moments > 0}
        return Answer.of_json({"executions": running})


class Deployment:
    """Terraform's part: deletes the machine, looks until it is gone, and gives up as the provider does."""

    environment = "dev"

    def __init__(self, stepfunctions: Any) -> None:
        self.stepfunctions = stepfunctions
        self.protected = False
        self.destroyed = False
        self.refreshed: bool | None = None

    def prepare(self) -> None: ...

    def outputs(self) -> dict[str, Any]:
        return {"data_protected": True} if self.protected else {}  # as after an interrupted destroy

    def unprotect(self, _on_progress: Any = None) -> None:
        self.protected = False

    def resources(self) -> list[dict[str, Any]]:
        return [
            {"type": "aws_sns_topic", "values": {"arn": "arn:aws:sns"}},
            {"type": "aws_sfn_state_machine", "values": {"arn": MACHINE}},
            {"type": "aws_cloudwatch_event_bus", "values": {"name": BUS}},
        ]

    def destroy(self, _on_progress: Any = None, *, refresh: bool = True) -> None:
        self.refreshed = refresh
        self.stepfunctions.delete_state_machine(stateMachineArn=MACHINE)
        for _look in range(5):
            try:
                self.stepfunctions.describe_state_machine(stateMachineArn=MACHINE)
            except self.stepfunctions.exceptions.StateMachineDoesNotExist:
                self.destroyed = True
                return
        raise Failure("terraform destroy failed: timeout while waiting for state to become 'NotFound'")


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflows, "POLL_SECONDS", 0.0)


def given(aws: FaultProxy, stand_in: StepFunctions, *rules: str) -> tuple[Delivery, Deployment]:
    aws.add(is_call("states", ".*"), stand_in)
    aws.add(
        is_call("events", "ListRules"),
        answer_with(Answer.of_json({"Rules": [{"Name": name} for name in rules]})),
    )
    deployment = Deployment(account(aws).client("stepfunctions"))
    return Delivery(account(aws), deployment, Steps(quiet=True)), deployment  # type: ignore[arg-type]


def test_waiting_approvals_are_stopped_before_their_state_machine_is_deleted(aws: FaultProxy) -> None:
    stand_in = StepFunctions(3)
    delivery, deployment = given(aws, stand_in)

    delivery.destroy(unprotect=False)

    assert deployment.destroyed
    assert sorted(stop["executionArn"] for stop in stand_in.stopped) == [f"{MACHINE}:{n}" for n in range(3)]
    assert {stop["error"] for stop in stand_in.stopped} == {"Destroyed"}


@pytest.mark.parametrize("protected", [True, False])
def test_resources_are_read_once(aws: FaultProxy, protected: bool) -> None:
    delivery, deployment = given(aws, StepFunctions(0))
    deployment.protected = protected

    delivery.destroy(unprotect=True)

    # Removing the protection is an apply, which reads them.
    assert (deployment.destroyed, deployment.refreshed) == (True, not protected)


def test_the_stand_in_keeps_a_machine_whose_executions_run(aws: FaultProxy) -> None:
    _, deployment = given(aws, StepFunctions(1))
    with pytest.raises(Failure, match="timeout while waiting"):
        deployment.destroy()


def test_throttled_calls_are_retried(aws: FaultProxy) -> None:
    for operation in ("ListExecutions", "StopExecution"):
        aws.add(is_call("states", operation), answer_with(Answer.refusal("ThrottlingException")), times=1)
    delivery, deployment = given(aws, StepFunctions(1))

    delivery.destroy(unprotect=False)

    assert deployment.destroyed


def test_nothing_waits_in_an_environment_without_executions(aws: FaultProxy) -> None:
    stand_in = StepFunctions(0)
    delivery, deployment = given(aws, stand_in)

    delivery.destroy(unprotect=False)

    assert (deployment.destroyed, stand_in.stopped) == (True, [])


def test_deleted_machine_has_no_executions(aws: FaultProxy) -> None:
    aws.add(is_call("states", ".*"), answer_with(GONE))
    assert end_executions(account(aws).client("stepfunctions"), MACHINE) == 0


def test_execution_that_does_not_end_is_named_after_the_deadline(
    aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows, "POLL_SECONDS", 10.0)
    stand_in, clock = StepFunctions(1, stubborn=True), Clock()
    aws.add(is_call("states", ".*"), stand_in)
    client = account(aws).client("stepfunctions")

    with pytest.raises(Failure, match=rf"1 executions of {MACHINE} have not ended.*{MACHINE}:0"):
        end_executions(client, MACHINE, clock=clock)

    assert clock.now() == pytest.approx(LIMIT_SECONDS, abs=11)
    assert len(stand_in.stopped) == 1


def test_leftover_taps_are_removed_before_the_bus(aws: FaultProxy) -> None:
    left, removed = "task-manager-tap-0123456789ab", list[dict[str, Any]]()
    delivery, deployment = given(aws, StepFunctions(0), left)

    def remove(call: Call, _forward: Forward) -> Answer:
        assert not deployment.destroyed
        removed.append({"operation": call.operation, **call.json})
        return Answer.of_json({"QueueUrl": "https://sqs/1/tap"} if call.operation == "GetQueueUrl" else {})

    aws.add(is_call("events", "RemoveTargets|DeleteRule"), remove)
    aws.add(is_call("sqs", "GetQueueUrl|DeleteQueue"), remove)

    delivery.destroy(unprotect=False)

    assert deployment.destroyed
    assert removed == [
        {"operation": "RemoveTargets", "Rule": left, "EventBusName": BUS, "Ids": ["tap"]},
        {"operation": "DeleteRule", "Name": left, "EventBusName": BUS},
        {"operation": "GetQueueUrl", "QueueName": left},
        {"operation": "DeleteQueue", "QueueUrl": "https://sqs/1/tap"},
    ]


def test_a_deleted_bus_has_no_taps(aws: FaultProxy) -> None:
    aws.add(is_call("events", "ListRules"), answer_with(Answer.refusal("ResourceNotFoundException")))
    delivery, deployment = given(aws, StepFunctions(0))

    delivery.destroy(unprotect=False)

    assert deployment.destroyed
