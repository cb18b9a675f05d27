"""`make up` warms the functions: the first event is seen at once, and warming itself leaves no trace."""

import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.deployments.warming import FIRST, warm
from scripts.operators.status import last_errors, queue_depths
from tests.harness.function_map import by_trigger
from tests.harness.processes import functions_of
from tests.harness.stack import DeployedStack
from tests.harness.waiting import eventually

pytestmark = pytest.mark.requires("functions_as_processes")


def workers(cloud_folder: Path) -> list[int]:
    """The processes that run functions of the session's cloud."""
    return functions_of(cloud_folder / "embedded-cloud")


@pytest.fixture
def cold(stack: DeployedStack, cloud_folder: Path) -> DeployedStack:
    """The stack as right after its deployment: no function has been started."""
    for pid in workers(cloud_folder):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not workers(cloud_folder), "the end of all workers")
    return stack


def test_the_first_event_after_warming_starts_no_function(
    cold: DeployedStack, cloud_folder: Path, api: httpx.Client
) -> None:
    """Starting them is what would take seconds."""
    warm(cold.endpoint, cold.outputs)
    warmed = set(workers(cloud_folder))

    created = api.post("/tasks", json={"title": "Water the plants", "userId": "ada"})
    task_id = created.json()["taskId"]
    eventually(
        lambda: task_id in (event["taskId"] for event in api.get("/events").json()["events"]), "its event"
    )

    assert set(workers(cloud_folder)) == warmed


def test_warming_starts_all_functions_but_the_steps_of_the_workflow(
    cold: DeployedStack, cloud_folder: Path
) -> None:
    warm(cold.endpoint, cold.outputs)

    started = len(workers(cloud_folder))
    assert started >= sum(len(by_trigger(kind)) for kind in ("http", "queue", "stream"))
    assert started > len(FIRST)


def test_warming_leaves_nothing_that_a_user_sees(cold: DeployedStack) -> None:
    target = Target(cold.outputs, cold.client)
    # Effects of earlier tests may still be in progress.
    eventually(lambda: not any(queue_depths(target, cold.outputs["queue_urls"]).values()), "empty queues")
    before = seen_by_user(cold)

    warm(cold.endpoint, cold.outputs)

    assert seen_by_user(cold) == before


def seen_by_user(stack: DeployedStack) -> dict[str, Any]:
    """What is in the tables and queues, and what functions logged as errors."""
    dynamodb, target = stack.client("dynamodb"), Target(stack.outputs, stack.client)
    tables = dynamodb.list_tables()["TableNames"]
    return {
        "items": {table: dynamodb.scan(TableName=table, Select="COUNT")["Count"] for table in tables},
        "dead letters": queue_depths(target, stack.outputs["dead_letter_queue_urls"]),
        "errors": [line.message for line in last_errors(target)],
    }
