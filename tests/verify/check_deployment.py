"""Every part of the deployment exists and is enabled, so a later failure can be traced to a missing part."""

from scripts.deployments.target import Target
from tests.harness.function_map import FUNCTIONS


def test_every_function_is_active(stack: Target) -> None:
    """Every function's live version is Active."""
    functions, states = stack.client("lambda"), {}

    for name, called in stack.outputs["function_names"].items():
        version = functions.get_alias(FunctionName=called, Name="live")["FunctionVersion"]
        states[name] = functions.get_function_configuration(FunctionName=called, Qualifier=version)["State"]

    assert states == dict.fromkeys(FUNCTIONS, "Active")


def test_every_queue_and_stream_is_read(stack: Target) -> None:
    """Every queue and stream of the function map has a mapping that is Enabled."""
    pages = stack.client("lambda").get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    readers = [name for name, one in FUNCTIONS.items() if one["trigger"]["type"] in ("queue", "stream")]
    states = {}

    for name in readers:
        called = f":function:{stack.outputs['function_names'][name]}:live"
        found = [mapping["State"] for mapping in mappings if mapping["FunctionArn"].endswith(called)]
        states[name] = ", ".join(found) or "no mapping"

    assert states == dict.fromkeys(readers, "Enabled")


def test_every_queue_has_a_rule(stack: Target) -> None:
    """The rule of every queue is ENABLED and sends to it."""
    events, bus = stack.client("events"), stack.outputs["event_bus_name"]
    states, expected = {}, {}

    for name, url in stack.outputs["queue_urls"].items():
        queue = url.rpartition("/")[2]
        targets = events.list_targets_by_rule(Rule=queue, EventBusName=bus)["Targets"]
        arns = [target["Arn"].rpartition(":")[2] for target in targets]
        states[name] = events.describe_rule(Name=queue, EventBusName=bus)["State"], arns
        expected[name] = "ENABLED", [queue]

    assert states == expected


def test_the_tables_and_the_workflow_are_active(stack: Target) -> None:
    """Every table and the state machine are ACTIVE."""
    tables = stack.outputs["table_names"]
    assert tables
    dynamodb, states = stack.client("dynamodb"), stack.client("stepfunctions")

    found = {
        name: dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
        for name, table in tables.items()
    }
    machine = stack.outputs["approval_state_machine_arn"]
    found["workflow"] = states.describe_state_machine(stateMachineArn=machine)["status"]

    assert found == dict.fromkeys([*tables, "workflow"], "ACTIVE")
