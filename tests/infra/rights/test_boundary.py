"""The permissions boundary allows all that the roles need, and denies everything else."""

from collections.abc import Callable

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Plan
from tests.infra.rights.deployers import BOUNDARY, filled
from tests.infra.rights.evaluation import Engine, Request, Sweep
from tests.infra.rights.matrix import SERVICES, resources
from tests.infra.rights.planned import KEY, RESOURCE, Planned

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def bounded(engine: Engine) -> Engine:
    """The engine with the boundary, and a policy that allows everything."""
    return engine.with_policies({"boundary": filled("boundary"), "everything": EVERYTHING})


def test_the_boundary_takes_no_right_from_any_role(bounded: Engine, planned: Planned) -> None:
    everything, policies = resources(planned), planned.identity_policies()

    def sweeps(boundary: str | None) -> list[Sweep]:
        return [
            Sweep(arn, policies[role], SERVICES, everything, boundary=boundary)
            for role, arn in planned.roles().items()
        ]

    within, without = bounded.swept(sweeps("boundary")), bounded.swept(sweeps(None))

    assert [found.allowed for found in within] == [found.allowed for found in without]


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sns", "sqs"])
def test_roles_within_the_boundary_use_the_key_through_their_services(
    bounded: Engine, planned: Planned, service: str
) -> None:
    via = {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}
    asked = Request(
        planned.roles()["relay"], "kms:Decrypt", KEY, via, ("everything",), f"{RESOURCE}{KEY}", "boundary"
    )
    assert bounded.allowed([asked]) == [True]


HERE = f"us-east-1:{ACCOUNT_ID}"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT_ID}:user/somebody"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/other"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT_ID}:role/other"),
        ("s3:GetObject", "arn:aws:s3:::other/one"),
        ("s3:GetObject", f"arn:aws:s3:::task-manager-terraform-state-{ACCOUNT_ID}-us-east-1/prod/one"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:table/task-manager-dev-tasks"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:task-manager-prod-relay"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:one-AbCdEf"),
        ("ec2:TerminateInstances", f"arn:aws:ec2:{HERE}:instance/i-1234567890abcdef0"),
        ("organizations:LeaveOrganization", "*"),
    ],
)
def test_a_role_with_too_wide_a_policy_stays_within_the_boundary(
    bounded: Engine, action: str, resource: str
) -> None:
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/task-manager-prod-relay"
    asked = [
        Request(role, action, resource, identity=("everything",), boundary=bound)
        for bound in ("boundary", None)
    ]
    assert bounded.allowed(asked) == [False, True]


def test_every_role_has_the_configured_boundary(plan_for: Callable[..., Plan]) -> None:
    plan = plan_for("prod", "-var", "permissions_boundary=github-task-manager-prod-boundary")
    assert {role.values["permissions_boundary"] for role in plan.of_type("aws_iam_role")} == {BOUNDARY}


def test_no_role_has_a_boundary_by_default(aws_plan: Plan) -> None:
    assert {role.values["permissions_boundary"] for role in aws_plan.of_type("aws_iam_role")} == {None}
