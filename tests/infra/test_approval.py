"""The approval workflow: its role, its log, and a definition in which every path ends."""

import json
import re
from typing import Any

import pytest
from statelint.linter import Linter

from scripts.base.paths import INFRA, ROOT
from scripts.terraform.hcl import blocks
from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import by_trigger
from tests.harness.plan import Plan

WORKERS = set(by_trigger("workflow"))

_TEMPLATE = (ROOT / "infra/approval.asl.json").read_text(encoding="utf-8")
# Terraform's placeholders, as numbers or as text within a string.
_FILLED = re.sub(r'"\$\{(\w+)\}"', r'"\1"', re.sub(r"(?<!\")\$\{\w+\}", "1", _TEMPLATE))
DEFINITION: dict[str, Any] = json.loads(_FILLED)
STATES: dict[str, dict[str, Any]] = DEFINITION["States"]
TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]


def next_states(state: dict[str, Any]) -> set[str]:
    branches = [*state.get("Choices", ()), *state.get("Catch", ())]
    following = {branch["Next"] for branch in branches}
    return following | {state[key] for key in ("Next", "Default") if key in state}


def test_statelint_finds_nothing() -> None:
    assert Linter.validate(DEFINITION) == []


def test_the_wait_times_out_without_failing_the_execution() -> None:
    wait = STATES["WaitForApproval"]
    retried = {error for retry in wait["Retry"] for error in retry["ErrorEquals"]}

    assert wait["Resource"].endswith(".waitForTaskToken")
    assert wait["TimeoutSeconds"] == wait["Parameters"]["Payload"]["timeoutSeconds"]
    assert wait["Catch"][0]["ErrorEquals"] == ["States.Timeout"]
    assert STATES[wait["Catch"][0]["Next"]]["Type"] != "Fail"
    assert not retried & {"States.Timeout", "States.ALL"}, "a wait in vain is not waited again"


def test_by_default_a_day_passes_before_a_task_is_rejected() -> None:
    """docs/api.md promises it."""
    text = (INFRA / "variables_approval.tf").read_text(encoding="utf-8")
    declared = {name: body["default"] for name, body in blocks(text, "variable")}

    assert declared["approval_timeout_seconds"] == 24 * 60 * 60
    assert declared["approval_timeout_action"] == "reject"


def test_every_state_is_reached() -> None:
    reached: set[str] = set()
    waiting = {DEFINITION["StartAt"]}

    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= next_states(STATES[name]) - reached

    assert reached == set(STATES)


def test_every_path_ends() -> None:
    ending = {
        name for name, state in STATES.items() if state["Type"] in ("Succeed", "Fail") or state.get("End")
    }
    assert ending

    while more := {n for n, s in STATES.items() if n not in ending and next_states(s) & ending}:
        ending |= more

    assert ending == set(STATES)


def test_every_choice_has_a_default() -> None:
    assert all("Default" in state for state in STATES.values() if state["Type"] == "Choice")


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout_and_retries(name: str) -> None:
    task = STATES[name]
    assert task["TimeoutSeconds"] > 0
    assert any(retry["MaxAttempts"] > 0 for retry in task["Retry"])


def test_a_step_that_fails_can_be_redriven() -> None:
    """A redrive resumes the step that failed; it would only enter a Fail state again.

    https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    """
    assert [name for name, state in STATES.items() if state["Type"] == "Fail"] == []
    caught = {
        name: [error for catch in STATES[name].get("Catch", ()) for error in catch["ErrorEquals"]]
        for name in TASKS
    }
    # The wait's timeout is no failure. Every other error fails the execution in its step.
    assert caught == {name: ["States.Timeout"] if name == "WaitForApproval" else [] for name in TASKS}


def test_the_workflow_calls_exactly_its_functions() -> None:
    called = {STATES[name]["Parameters"]["FunctionName"].removesuffix("_arn") for name in TASKS}
    assert called == WORKERS


def test_the_workflow_may_call_its_functions_and_write_its_log(aws_plan: Plan) -> None:
    policy = aws_plan.one("aws_iam_role_policy.approval").document("policy")
    call, log, trace = policy["Statement"]
    names = {name.replace("_", "-") for name in WORKERS}
    start = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:task-manager-prod-"

    assert call["Action"] == ["lambda:InvokeFunction"]
    assert set(call["Resource"]) == {f"{start}{name}:live" for name in names}
    for statement in (log, trace):
        assert all(action.split(":")[0] in ("logs", "xray") for action in statement["Action"])


def test_only_this_workflow_may_assume_its_role(aws_plan: Plan) -> None:
    (trust,) = aws_plan.one("aws_iam_role.approval").document("assume_role_policy")["Statement"]

    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT_ID}
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(
        ":stateMachine:task-manager-prod-approval"
    )


def test_user_text_stays_out_of_the_workflows_log(aws_plan: Plan) -> None:
    (log,) = aws_plan.one("aws_sfn_state_machine.approval").values["logging_configuration"]
    assert log["level"] == "ALL"
    assert not log["include_execution_data"]


def test_the_workflow_is_traced_only_where_tracing_is_enabled(plan_for: Any) -> None:
    for environment, traced in (("local", False), ("prod", True)):
        machine = plan_for(environment).one("aws_sfn_state_machine.approval")
        assert [t["enabled"] for t in machine.values.get("tracing_configuration") or []] == [True] * traced
