"""IAM's policy simulator: what a role may do, as AWS itself evaluates its policies."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

# An action and the ARN of its resource.
Use = tuple[str, str]

THROTTLES = ("Throttling", "ThrottlingException", "RequestLimitExceeded")
_TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/tried"
_VIA = {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}


class NotAvailable(RuntimeError):
    """The simulator cannot be asked, or its answers cannot be relied on."""


class Simulator:
    """Asks `iam:SimulatePrincipalPolicy`. Nothing is called in the role's name, and nothing changes."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam

    def require(self) -> None:
        """Raise NotAvailable unless the simulator distinguishes allowed from denied.

        By a policy of our own, so that it does not depend on what the roles are allowed.
        """
        policy = _policy("dynamodb:GetItem", _TABLE)
        allowed = ("dynamodb:GetItem", _TABLE)
        uses = {
            allowed,
            ("dynamodb:GetItem", f"{_TABLE}-else"),
            ("dynamodb:Query", _TABLE),
        }
        try:
            found = self._evaluate("simulate_custom_policy", {"PolicyInputList": [policy]}, uses)
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLES:
                raise
            raise NotAvailable(str(error)) from error
        if found != {allowed}:
            raise NotAvailable(f"it says that a policy for {allowed} alone allows {sorted(found)}")

    @cached_property
    def regards_context(self) -> bool:
        """Whether conditions are evaluated with the context that is given."""
        asked = {"PolicyInputList": [_policy("kms:Decrypt", "*", {"StringEquals": _VIA})]}
        return bool(self._evaluate("simulate_custom_policy", asked | _context(_VIA), {("kms:Decrypt", "*")}))

    def allowed(
        self, role_arn: str, uses: Collection[Use], context: dict[str, str] | None = None
    ) -> set[Use]:
        """Which of these uses the role's policies allow, with these condition keys."""
        asked = {"PolicySourceArn": role_arn} | (_context(context) if context else {})
        return self._evaluate("simulate_principal_policy", asked, uses)

    def _evaluate(self, operation: str, asked: dict[str, Any], uses: Collection[Use]) -> set[Use]:
        """Ask for many at once; one by one for what an answer leaves out, as local clouds do."""
        decided: dict[Use, bool] = {}
        for actions, arns in _rectangles(uses):
            decided |= self._ask(operation, asked, actions, arns)
            for arn in arns:
                if any((action, arn) not in decided for action in actions):
                    decided |= self._ask(operation, asked, actions, [arn])
        return {use for use in uses if decided[use]}

    def _ask(
        self, operation: str, asked: dict[str, Any], actions: list[str], arns: list[str]
    ) -> dict[Use, bool]:
        decided: dict[Use, bool] = {}
        pages = self._iam.get_paginator(operation).paginate(ActionNames=actions, ResourceArns=arns, **asked)
        for result in (result for page in pages for result in page["EvaluationResults"]):
            action = result["EvalActionName"]
            # With several resources, the decision on each is in the specific results.
            specific = result.get("ResourceSpecificResults") or []
            decided |= {
                (action, one["EvalResourceName"]): one["EvalResourceDecision"] == "allowed"
                for one in specific
            }
            if not specific and "EvalResourceName" in result:
                decided[action, result["EvalResourceName"]] = result["EvalDecision"] == "allowed"
        return decided


def _rectangles(uses: Collection[Use]) -> Iterator[tuple[list[str], list[str]]]:
    """The uses as few groups, in each of which every action is asked on every ARN."""
    actions_of: dict[str, set[str]] = defaultdict(set)
    for action, arn in uses:
        actions_of[arn].add(action)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for arn in sorted(actions_of):
        alike[tuple(sorted(actions_of[arn]))].append(arn)
    for actions, arns in alike.items():
        yield list(actions), arns


def _policy(action: str, resource: str, condition: dict[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _context(keys: dict[str, str]) -> dict[str, Any]:
    entries = [
        {"ContextKeyName": name, "ContextKeyType": "string", "ContextKeyValues": [value]}
        for name, value in keys.items()
    ]
    return {"ContextEntries": entries}
