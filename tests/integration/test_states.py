"""A saved state holds all that a cloud knew between two requests, and starts on another port.

A cloud is saved while tasks are created and an approval waits; another cloud starts from that.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from scripts.base.loopback import http_client
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.clouds.embedded import ENVIRONMENT, EmbeddedCloud
from scripts.deployments.record import StackRecord
from scripts.deployments.stack import Stack
from scripts.deployments.states import SavedState, Snapshots, key_of, save
from scripts.deployments.target import Target
from scripts.operators.tap import tap
from scripts.operators.verification.client import PatientClient
from tests.harness.approvals import Approvals
from tests.harness.faults import settled
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.requires("states")

TASKS, BEFORE_SAVING, WRITERS = 60, 20, 6
# Longer than it takes until the cloud is saved, after the start of an execution that waits for that long.
WAIT_SECONDS = 20
OWNER = "saved-while-busy"


@dataclass(frozen=True)
class Loaded:
    """A cloud that was started from the saved state of another one."""

    stack: DeployedStack
    folder: Path
    api: httpx.Client
    waiting: str
    sleeping: str
    created_before: int
    saved_at: datetime

    def created(self) -> int:
        """How many tasks the events of the owner's tasks were counted as."""
        return int(self.api.get(f"/users/{OWNER}/stats").json()["created"])

    def stored(self) -> set[str]:
        """The owner's tasks."""
        pages = self.stack.client("dynamodb").get_paginator("scan")
        table = self.stack.outputs["table_names"]["tasks"]
        items = [item for page in pages.paginate(TableName=table) for item in page["Items"]]
        return {item["taskId"]["S"] for item in items if item["userId"]["S"] == OWNER}


@pytest.fixture(scope="module")
def loaded(
    stack: DeployedStack, api: httpx.Client, cloud_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    with tap(Target(stack.outputs, stack.client)) as bus:
        asked = Approvals(stack, api, bus)
        waiting = asked.request()
        asked.waits(waiting)
    record = StackRecord.load(cloud_folder)
    assert record is not None
    sleeping = start_waiting_execution(stack)
    snapshots = Snapshots(tmp_path_factory.mktemp("states"))
    created_before, saved_at = save_while_tasks_are_created(stack, api, record, snapshots)

    folder = cloud_folder / "loaded"
    cloud = EmbeddedCloud(free_port(), folder / "embedded-cloud", tied=True)
    try:
        application = Stack(cloud, folder, snapshots=snapshots)
        found = application.deploy(Steps(quiet=True))
        assert found.outputs["api_url"] == stack.api_url.replace(str(stack.cloud.port), str(cloud.port))
        with http_client(found.outputs["api_url"], make=PatientClient) as http:
            deployed = DeployedStack(cloud, application, found.outputs)
            yield Loaded(deployed, folder, http, waiting, sleeping, created_before, saved_at)
    finally:
        cloud.stop()
        machine = sleeping.replace(":execution:", ":stateMachine:").rpartition(":")[0]
        stack.client("stepfunctions").delete_state_machine(stateMachineArn=machine)


def start_waiting_execution(stack: DeployedStack) -> str:
    """Starts a workflow that waits for a while; its ARN."""
    sfn = stack.client("stepfunctions")
    approval = sfn.describe_state_machine(stateMachineArn=stack.outputs["approval_state_machine_arn"])
    definition = {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Result": "begun", "Next": "Sleep"},
            "Sleep": {"Type": "Wait", "Seconds": WAIT_SECONDS, "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }
    machine = sfn.create_state_machine(
        name="sleeps", definition=json.dumps(definition), roleArn=approval["roleArn"]
    )["stateMachineArn"]
    return str(sfn.start_execution(stateMachineArn=machine, name="once")["executionArn"])


def save_while_tasks_are_created(
    stack: DeployedStack, api: httpx.Client, record: StackRecord, snapshots: Snapshots
) -> tuple[int, datetime]:
    """Makes a snapshot of the cloud under load; the least number of tasks in it, and when it was made."""
    enough, created = threading.Event(), []

    def create(number: int) -> None:
        body = {"title": f"Task {number}", "userId": OWNER}
        created.append(api.post("/tasks", json=body).raise_for_status().json()["taskId"])
        if len(created) >= BEFORE_SAVING:
            enough.set()

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(create, number) for number in range(TASKS)]
        assert enough.wait(60)
        before = len(created)
        snapshots.keep(key_of(record.digest, record.package), stack.cloud, record)
        saved_at = datetime.now(UTC)
        for one in writing:
            one.result()
    return before, saved_at


def test_saving_under_load_loses_no_event_and_repeats_none(
    loaded: Loaded, stack: DeployedStack, api: httpx.Client
) -> None:
    stored = loaded.stored()
    assert loaded.created_before <= len(stored) <= TASKS

    # What was under way in the stream and the queues goes on in both clouds.
    eventually(lambda: loaded.created() == len(stored), "the count of the saved tasks")
    settled(loaded.stack)
    assert loaded.created() == len(stored)
    eventually(lambda: api.get(f"/users/{OWNER}/stats").json()["created"] == TASKS, "the count of all tasks")


def test_an_approval_that_waited_is_decided_after_loading(loaded: Loaded, api: httpx.Client) -> None:
    with tap(Target(loaded.stack.outputs, loaded.stack.client)) as bus:
        approvals = Approvals(loaded.stack, loaded.api, bus)

        approvals.decide(loaded.waiting).raise_for_status()

        assert approvals.ended(loaded.waiting) == "Approved"
        approvals.one_verdict(loaded.waiting, "TaskApproved")
    assert approvals.task(loaded.waiting)["status"] == "approved"
    history = history_of(loaded, approvals.execution(loaded.waiting))
    assert history.count("ExecutionStarted") == 1
    assert history.count("TaskStateEntered") == len({"ValidateTask", "WaitForApproval", "ApplyDecision"})
    assert api.get(f"/tasks/{loaded.waiting}").json()["status"] == "pending_approval"  # in the other cloud


def history_of(loaded: Loaded, execution: str) -> list[str]:
    """The types of the events of an execution."""
    sfn = loaded.stack.client("stepfunctions")
    history = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    return [event["type"] for event in history]


def test_terraform_finds_nothing_to_change_on_the_other_port(loaded: Loaded) -> None:
    assert loaded.stack.application.plan() == []


def test_a_workflow_that_waited_for_a_time_goes_on_after_it(loaded: Loaded) -> None:
    sfn = loaded.stack.client("stepfunctions")

    def ended() -> bool:
        return bool(sfn.describe_execution(executionArn=loaded.sleeping)["status"] != "RUNNING")

    eventually(ended, "the end of the wait")

    execution = sfn.describe_execution(executionArn=loaded.sleeping)
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", '"begun"')
    assert execution["stopDate"] > loaded.saved_at, "it ended before it was saved, and proves nothing"
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() >= WAIT_SECONDS
    assert history_of(loaded, loaded.sleeping) == [
        *("ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered", "WaitStateExited"),
        *("SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"),
    ]


def test_a_loaded_cloud_can_be_saved_again(loaded: Loaded, tmp_path: Path) -> None:
    record = StackRecord.load(loaded.folder)
    assert record is not None

    save(loaded.stack.cloud, record, tmp_path / "again")

    assert SavedState.load(tmp_path / "again").port == loaded.stack.cloud.port
    assert loaded.api.get("/tasks", params={"userId": OWNER}).status_code == 200


# In the emulator's environment: all its variables whose kind is none of those that are kept, or that
# could not be kept when they were new; and what LEFT_OUT names, but is not there.
INVENTORY = """
import importlib, json, pkgutil, re, sys, types
sys.path.insert(0, sys.argv[1])
import contextvars, functools, logging
from scripts.clouds.states import stores
import ministack.app, ministack.services
for name in sys.argv[2:]:
    importlib.import_module(f"ministack.services.{name}")
harmless = (type, types.ModuleType, re.Pattern, logging.Logger, contextvars.ContextVar, *stores.LOCKS)
odd, there = [], set()
for module in [name for name in sys.modules if name.split(".")[0] == "ministack"]:
    there.add(module)
    for name, value in vars(sys.modules[module]).items():
        there.add(f"{module}.{name}")
        left_out = module in stores.LEFT_OUT or f"{module}.{name}" in stores.LEFT_OUT
        if not (left_out or name.startswith("__") or stores.may_be_store(value) or callable(value)):
            if not isinstance(value, harmless):
                odd.append(f"{module.rpartition('.')[2]}.{name}")
baseline = stores.Baseline()
print(json.dumps([sorted(odd), sorted(baseline.unkeepable()), sorted(set(stores.LEFT_OUT) - there)]))
"""
USED = [
    *(
        "apigateway",
        "cloudwatch",
        "cloudwatch_logs",
        "cognito",
        "dynamodb",
        "dynamodb_streams",
        "eventbridge",
    ),
    *("iam", "kms", "lambda_svc", "resource_groups", "s3", "scheduler", "sns", "sqs", "stepfunctions", "sts"),
]
# These need not be kept: all of them are the same, or as good, in each run.
KEPT_BY_NOTHING = {
    "cognito._RSA_PRIVATE_KEY": "ministack has it in a file, for all clouds of a machine",
    "cognito._pub": "of that key",
    "cognito._pub_numbers": "of that key",
    "cognito._rsa_key": "that key",
    "eventbridge._UNSATISFIABLE": "a constant",
    "eventbridge._api_dest_opener": "a client",
    "iam_evaluator._SESSION_TOKEN_NOT_CHECKED": "a constant",
    "s3._event_sequence": "begins with the time",
    **{f"{service}.esm_wake": "wakes a poller" for service in ("concurrency", *USED)},
    "lambda_svc._esm_wake": "wakes a poller",
    "lambda_svc._revision_locks": "locks",
}


def test_every_variable_of_the_emulator_is_kept_or_named(stack: DeployedStack) -> None:
    command = [str(ENVIRONMENT / "bin/python"), "-I", "-c", INVENTORY, str(ROOT), *USED]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ENVIRONMENT, env={})
    odd, unkeepable, missing = json.loads(done.stdout)

    assert set(odd) <= set(KEPT_BY_NOTHING)
    assert unkeepable == [
        "ministack.core.iam_evaluator._CONDITION_OPS",
        "ministack.services.stepfunctions._SERVICE_DISPATCH",
    ]
    assert missing == []
