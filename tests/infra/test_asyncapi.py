"""docs/asyncapi.json is valid AsyncAPI, and names what Terraform deploys."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.base.paths import ROOT
from scripts.documents.asyncapi import ASYNCAPI, document
from tests.harness.function_map import by_trigger
from tests.harness.node_program import NodeProgram
from tests.harness.plan import Plan
from tests.infra.test_events import dead_letter_queue, part

PROGRAM = NodeProgram(Path(__file__).with_name("asyncapi") / "validate.mjs", ROOT / ".local/asyncapi-parser")
# The specification has a newer version than the document's.
NEWER = "asyncapi-latest-version"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def complaints() -> Callable[[Json], list[str]]:
    """What AsyncAPI's own parser finds wrong with a document."""
    PROGRAM.need("AsyncAPI parser")

    def complain(checked: Json) -> list[str]:
        found = PROGRAM.answer(checked)["diagnostics"]
        return [f"{one['code']}: {one['message']}" for one in found if one["code"] != NEWER]

    return complain


def deployed(address: str) -> str:
    """An address in production, which `aws_plan` is for."""
    return address.format(project="task-manager", environment="prod")


def test_the_committed_document_is_valid(complaints: Callable[[Json], list[str]]) -> None:
    assert complaints(json.loads(ASYNCAPI.read_text(encoding="utf-8"))) == []


def test_a_message_that_does_not_exist_is_found(complaints: Callable[[Json], list[str]]) -> None:
    broken = document()
    broken["channels"]["bus"]["messages"]["TaskLost"] = {"$ref": "#/components/messages/TaskLost"}

    assert any("invalid-ref" in complaint for complaint in complaints(broken))


def test_a_schema_that_is_no_schema_is_found(complaints: Callable[[Json], list[str]]) -> None:
    broken = document()
    broken["components"]["messages"]["TaskCreated"]["payload"]["properties"]["id"] = {"type": "text"}

    assert any("type" in complaint for complaint in complaints(broken))


def test_the_bus_is_the_one_that_is_deployed(aws_plan: Plan) -> None:
    channel = document()["channels"]["bus"]
    archive = aws_plan.one("aws_cloudwatch_event_archive.this").values

    assert deployed(channel["address"]) == aws_plan.one("aws_cloudwatch_event_bus.this").values["name"]
    assert f"for {archive['retention_days']} days" in channel["description"]


@pytest.mark.parametrize("function", by_trigger("queue"))
def test_a_queue_is_as_it_is_deployed(aws_plan: Plan, function: str) -> None:
    module = f'consumer["{function}"]'
    queue, dead_letters = part(aws_plan, module, "aws_sqs_queue"), dead_letter_queue(aws_plan, module)

    channel = document()["channels"][by_trigger("queue")[function]["trigger"]["queue"]]
    described = channel["bindings"]["sqs"]

    assert deployed(channel["address"]) == queue.values["name"]
    assert deployed(described["queue"]["name"]) == queue.values["name"]
    assert described["queue"]["visibilityTimeout"] == queue.values["visibility_timeout_seconds"]
    assert described["queue"]["messageRetentionPeriod"] == queue.values["message_retention_seconds"]
    redrive = described["queue"]["redrivePolicy"]
    assert redrive["maxReceiveCount"] == queue.document("redrive_policy")["maxReceiveCount"]
    assert deployed(redrive["deadLetterQueue"]["name"]) == dead_letters.values["name"]
    assert deployed(described["deadLetterQueue"]["name"]) == dead_letters.values["name"]
    assert (
        described["deadLetterQueue"]["messageRetentionPeriod"]
        == dead_letters.values["message_retention_seconds"]
    )
