"""`make verify` on the deployed stack: what it reports, and what it leaves behind."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.operators.queues import depth
from tests.harness.faults import denied
from tests.harness.stack import DeployedStack
from tests.harness.verifying import Verification
from tests.harness.waiting import eventually, until

QUIET_SECONDS = 3.0


@pytest.fixture
def verification(stack: DeployedStack, tmp_path: Path) -> Verification:
    return Verification(stack.outputs, stack.endpoint, tmp_path)


def belongings(stack: DeployedStack) -> dict[str, set[str]]:
    """Everything that a run could leave behind, by kind."""
    outputs, dynamodb = stack.outputs, stack.client("dynamodb")

    def keys(table: str, key: str) -> set[str]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=outputs["table_names"][table])
        return {item[key]["S"] for page in pages for item in page["Items"]}

    sqs, events, states = stack.client("sqs"), stack.client("events"), stack.client("stepfunctions")
    running = states.list_executions(
        stateMachineArn=outputs["approval_state_machine_arn"], statusFilter="RUNNING"
    )
    rules = events.list_rules(EventBusName=outputs["event_bus_name"])
    archived = stack.client("s3").list_object_versions(Bucket=outputs["archive_bucket"])
    return {
        "tasks": keys("tasks", "taskId"),
        "users": {key for key in keys("statistics", "id") if key.startswith("user#")},
        "feed": keys("feed", "position"),
        "executions": {execution["name"] for execution in running["executions"]},
        "archive": {version["Key"] for version in archived.get("Versions", [])},
        "queues": set(sqs.list_queues().get("QueueUrls", [])),
        "rules": {rule["Name"] for rule in rules["Rules"]},
        "subscriptions": {
            subscription["SubscriptionArn"]
            for subscription in stack.client("sns").list_subscriptions()["Subscriptions"]
        },
    }


@pytest.fixture
def nothing_left(stack: DeployedStack) -> Iterator[None]:
    """Waits until earlier tests' events are handled; after the test, nothing new is left."""
    seen: list[tuple[dict[str, set[str]], float]] = [({}, 0)]

    def settled() -> bool:
        now = belongings(stack)
        if now != seen[-1][0]:
            seen.append((now, time.monotonic()))
        depths = [depth(stack.client("sqs"), url) for url in stack.outputs["queue_urls"].values()]
        return not any(depths) and time.monotonic() - seen[-1][1] > QUIET_SECONDS

    eventually(settled, "an end of what earlier tests began")
    before = seen[-1][0]
    yield

    def left() -> dict[str, set[str]]:
        after = belongings(stack)
        return {kind: new for kind in after if (new := after[kind] - before[kind])}

    # An execution that finds its task deleted ends by itself, a moment later.
    until(left, lambda found: not found, "an end of what the run made")


@pytest.mark.usefixtures("nothing_left")
def test_an_interrupted_run_removes_what_it_created(stack: DeployedStack, verification: Verification) -> None:
    process = verification.start(only="api")
    journal = eventually(lambda: list(verification.folder.glob("verify/*.jsonl")), "something being made")
    eventually(lambda: journal[0].read_text().count('"task"') > 3, "some tasks")

    process.send_signal(signal.SIGINT)
    verified = verification.finish(process)

    assert verified.exit_code == 130
    (rest,) = verified.names("not verified")
    assert re.fullmatch(r"make verify: \d+ more checks", rest)
    assert "cleanup: nothing is left" in verified.names("passed")
    assert not journal[0].exists()


@pytest.mark.usefixtures("nothing_left")
def test_the_next_run_removes_what_a_killed_one_created(
    stack: DeployedStack, verification: Verification
) -> None:
    process = verification.start(only="events")
    journal = eventually(lambda: list(verification.folder.glob("verify/*.jsonl")), "something being made")
    eventually(lambda: {'"tap"', '"task"'} <= set(re.findall(r'"\w+"', journal[0].read_text())), "a task")
    process.kill()
    process.wait()

    # The API cannot delete tasks now, so they are deleted from the table.
    with denied(stack, "delete_task", "dynamodb:DeleteItem"):
        verified = verification.run(only="deployment")

    assert verified.exit_code == 0, verified.shown
    assert "Cleaning up after a run that was killed" in verified.shown


def test_a_queue_without_a_reader_is_reported(stack: DeployedStack, verification: Verification) -> None:
    functions = stack.client("lambda")
    pages = functions.get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    queue = stack.outputs["queue_urls"]["created"].rpartition("/")[2]
    (mapping,) = [one for one in mappings if one["EventSourceArn"].endswith(f":{queue}")]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        verified = verification.run(only="deployment")
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    assert verified.exit_code == 1
    assert verified.names("failed") == ["deployment: every queue and stream is read"]
    assert "'on_created': 'Disabled'" in verified.failures()
