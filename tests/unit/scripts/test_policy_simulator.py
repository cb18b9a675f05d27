"""IAM's policy simulator, with each form of answer that clouds give."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts.operators.verification.simulator import NotAvailable, Simulator, Use

Decide = Callable[[str, str, dict[str, str]], bool]


class FakeIam:
    """IAM whose simulator decides by a function, and answers in one of the forms that clouds have."""

    def __init__(self, decide: Decide, form: str) -> None:
        self._decide = decide
        self._form = form
        self.calls = 0

    def get_paginator(self, operation: str) -> "FakeIam":
        assert operation in ("simulate_principal_policy", "simulate_custom_policy")
        return self

    def paginate(
        self,
        *,
        ActionNames: list[str],  # noqa: N803 - IAM's names
        ResourceArns: list[str],  # noqa: N803
        ContextEntries: tuple[dict[str, Any], ...] = (),  # noqa: N803
        **_source: Any,
    ) -> list[dict[str, Any]]:
        self.calls += 1
        context = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in ContextEntries}
        arns = ResourceArns[:1] if self._form == "first alone" else ResourceArns
        results = []
        for action in ActionNames:
            said = {arn: "allowed" if self._decide(action, arn, context) else "implicitDeny" for arn in arns}
            if self._form == "specific":
                specific = [
                    {"EvalResourceName": arn, "EvalResourceDecision": word} for arn, word in said.items()
                ]
                top = {"EvalActionName": action, "EvalDecision": "implicitDeny"}
                results.append(top | {"ResourceSpecificResults": specific})
            else:
                results += [
                    {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": word}
                    for arn, word in said.items()
                ]
        half = len(results) // 2
        return [{"EvaluationResults": results[:half]}, {"EvaluationResults": results[half:]}]


def evaluating(action: str, arn: str, context: dict[str, str]) -> bool:
    """As the policies of these tests: GetItem on one table, the key through DynamoDB."""
    if action == "kms:Decrypt":
        return context.get("kms:ViaService", "").startswith("dynamodb.")
    return action == "dynamodb:GetItem" and arn.endswith("table/tried")


class TestSimulator:
    TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/tried"
    USES: frozenset[Use] = frozenset(
        {
            ("dynamodb:GetItem", TABLE),
            ("dynamodb:PutItem", TABLE),
            ("dynamodb:GetItem", f"{TABLE}-2"),
            ("kms:Decrypt", "key"),
        }
    )

    @pytest.mark.parametrize("form", ["flat", "specific", "first alone"])
    def test_each_use_has_the_decision_on_its_own_resource(self, form: str) -> None:
        simulator = Simulator(FakeIam(evaluating, form))
        simulator.require()

        assert simulator.allowed("role", self.USES) == {("dynamodb:GetItem", self.TABLE)}
        via = {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}
        assert simulator.allowed("role", [("kms:Decrypt", "key")], via) == {("kms:Decrypt", "key")}

    @pytest.mark.parametrize("always", [True, False])
    def test_a_simulator_with_constant_answers_is_not_available(self, always: bool) -> None:
        with pytest.raises(NotAvailable, match="it says that a policy"):
            Simulator(FakeIam(lambda *_: always, "flat")).require()

    def test_a_simulator_without_permission_is_not_available(self) -> None:
        with pytest.raises(NotAvailable, match="AccessDenied"):
            Simulator(refusing("AccessDenied")).require()

    def test_a_throttled_simulator_raises(self) -> None:
        with pytest.raises(ClientError, match="Throttling"):
            Simulator(refusing("Throttling")).require()

    @pytest.mark.parametrize("regarded", [True, False])
    def test_whether_context_counts_is_detected(self, regarded: bool) -> None:
        iam = FakeIam(
            lambda action, arn, context: evaluating(action, arn, context if regarded else {}), "flat"
        )
        assert Simulator(iam).regards_context is regarded


def refusing(code: str) -> FakeIam:
    def refuse(*_: Any) -> bool:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "SimulateCustomPolicy")

    return FakeIam(refuse, "flat")
