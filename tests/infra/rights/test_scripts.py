"""The policies of CI's roles hold a right for every call that the commands of scripts/deployments make."""

import re

import pytest

from scripts.base.paths import ROOT
from scripts.documents.rights.actions import actions
from scripts.documents.rights.calls import BUCKET, SCRIPTS, Call, known
from tests.infra.rights.deployers import filled
from tests.infra.rights.scripted import calls_of

# What a role of CI runs, and where it is defined. No workflow runs a rollback, which a failed one recommends.
COMMANDS = {
    "plan": ("deploy", "plan"),
    "deploy": ("deploy", "deploy"),
    "destroy": ("deploy", "destroy"),
    "destroy-stale-previews": ("previews", "destroy_stale_previews"),
    "rollback": ("rollback", "rollback_deployment"),
}
# Commands of workflows that call nothing of AWS.
OFFLINE = {"cost-change", "environment"}


def needed(command: str) -> set[str]:
    calls = calls_of(*COMMANDS[command])
    return {action for service, name in calls for action in actions(Call(SCRIPTS, service, name, False))}


def given(*policies: str) -> set[str]:
    statements = [statement for name in policies for statement in filled(name)["Statement"]]
    return {action for statement in statements for action in statement["Action"]}


def test_the_calls_of_the_scripts_are_those_on_record() -> None:
    """Each of them, and no other. Add a new call to documents/rights/unseen.json, then `… scripts roles`."""
    # GIVEN the calls that the commands can make, but for those that need no right
    found = {
        f"{service} {name}"
        for command in COMMANDS.values()
        for service, name in calls_of(*command)
        if any(actions(Call(SCRIPTS, service, name, False)))
    }

    # THEN they are on record, from which the policies are made
    assert found == {call.name for call in known() if call.caller in (SCRIPTS, BUCKET)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_role_of_a_command_has_a_right_for_each_of_its_calls(command: str) -> None:
    role = ("plan",) if command == "plan" else ("deploy-data", "deploy-code", "deploy-events")
    assert needed(command) - given(*role, "state-bucket") == set()


def test_workflows_with_a_role_run_known_commands_only() -> None:
    jobs = [(ROOT / f".github/workflows/{name}.yml").read_text("utf-8") for name in ("deploy", "preview")]
    run = set(re.findall(r"(?:\bmake|-m scripts|\bbin/task-manager) ([\w-]+)", "\n".join(jobs)))

    assert run - OFFLINE == set(COMMANDS) - {"rollback"}


def test_calls_are_found_on_every_path_and_in_every_form() -> None:
    """A paginator, a waiter, a name in a table of settings, and methods in functions that others call."""
    destroying = calls_of("deploy", "destroy")

    assert {("EventBridge", "ListRules"), ("S3", "HeadBucket"), ("S3", "PutBucketVersioning")} <= destroying
    assert {("SQS", "GetQueueUrl"), ("SFN", "StopExecution")} <= destroying
    # Not what other commands call: `make events` removes stale taps.
    assert ("SQS", "ListQueues") not in destroying
