"""Who may assume which role: one service each, for this account and, where the service names it, a resource.

Against the confused deputy: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import FUNCTIONS
from tests.infra.rights.evaluation import Engine, Request
from tests.infra.rights.planned import TRUST, Planned

OTHER_ACCOUNT = "999999999999"
SERVICES = ("backup", "codedeploy", "events", "lambda", "scheduler", "states", "apigateway", "ec2")


@dataclass(frozen=True)
class Trusted:
    """The service that assumes a role, the source that it states, and sources that are refused."""

    service: str
    source: Mapping[str, str]
    strangers: tuple[Mapping[str, str], ...]


def workflow(planned: Planned) -> Trusted:
    machine = planned.arn("states", f"stateMachine:{planned.prefix}-approval")
    ours = {"aws:SourceArn": machine, "aws:SourceAccount": ACCOUNT_ID}
    return Trusted(
        "states",
        ours,
        (
            ours | {"aws:SourceArn": f"{machine}-else"},
            ours | {"aws:SourceArn": machine.replace(ACCOUNT_ID, OTHER_ACCOUNT)},
            ours | {"aws:SourceAccount": OTHER_ACCOUNT},
            {},
        ),
    )


def trusted(planned: Planned, role: str) -> Trusted:
    if role in FUNCTIONS:  # Lambda states no source
        return Trusted("lambda", {}, ())
    if role == "approval":
        return workflow(planned)
    service = {"backup": "backup", "restore": "backup", "deployment": "codedeploy"}[role]
    return Trusted(service, {"aws:SourceAccount": ACCOUNT_ID}, ({"aws:SourceAccount": OTHER_ACCOUNT}, {}))


def assumes(planned: Planned, role: str, principal: str, source: Mapping[str, str]) -> Request:
    return Request(
        principal, "sts:AssumeRole", planned.roles()[role], source, resource_policy=f"{TRUST}{role}"
    )


def test_each_role_may_be_assumed_by_its_service_only(engine: Engine, planned: Planned) -> None:
    for role in planned.roles():
        expected = trusted(planned, role)
        asked = [assumes(planned, role, f"{name}.amazonaws.com", expected.source) for name in SERVICES]

        allowed = {name for name, may in zip(SERVICES, engine.allowed(asked), strict=True) if may}

        assert allowed == {expected.service}, role


@pytest.mark.parametrize("role", ["approval", "backup", "restore", "deployment"])
def test_a_service_may_not_assume_a_role_for_another_source(
    engine: Engine, planned: Planned, role: str
) -> None:
    expected = trusted(planned, role)
    asked = [
        assumes(planned, role, f"{expected.service}.amazonaws.com", source) for source in expected.strangers
    ]
    assert engine.allowed(asked) == [False] * len(asked)


def test_no_principal_of_any_account_may_assume_a_role(engine: Engine, planned: Planned) -> None:
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    administered = engine.with_policies({"everything": everything})
    asked = [
        Request(
            f"arn:aws:iam::{account}:role/administrator",
            "sts:AssumeRole",
            arn,
            identity=("everything",),
            resource_policy=f"{TRUST}{role}",
        )
        for role, arn in planned.roles().items()
        for account in (ACCOUNT_ID, OTHER_ACCOUNT)
    ]

    assert not any(administered.allowed(asked))
