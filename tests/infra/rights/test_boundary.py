"""The permissions boundary allows all that the roles need, and denies everything else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest

from scripts.base.paths import ROOT
from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import FUNCTIONS
from tests.harness.plan import Plan
from tests.infra.rights.deployers import BOUNDARY, filled
from tests.infra.rights.evaluation import Engine, Request, Sweep
from tests.infra.rights.matrix import SERVICES, resources
from tests.infra.rights.planned import KEY, RESOURCE, Planned

HERE = f"us-east-1:{ACCOUNT_ID}"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# What AWS Backup does to the table that it restores to.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
RESTORING = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


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


def conditional(planned: Planned) -> Iterator[Request]:
    """What the roles' policies allow under a condition, each in the contexts that meet it."""
    documents = planned.policies()
    for role, names in planned.identity_policies().items():
        statements = [statement for name in names for statement in documents[name]["Statement"]]
        for statement in (one for one in statements if "Condition" in one):
            ((key, wanted),) = statement["Condition"]["StringEquals"].items()
            values = [wanted] if isinstance(wanted, str) else wanted
            for action, arn, value in product(statement["Action"], statement["Resource"], values):
                yield Request(
                    planned.roles()[role], action, arn, {key: value}, names,
                    f"{RESOURCE}{KEY}" if arn == KEY else None,
                    # The engine's catalogue has no keys with a colon in what the caller chose.
                    any_context=key.startswith("kms:EncryptionContext:"),
                )  # fmt: skip


def test_the_boundary_takes_no_conditional_right_from_any_role(bounded: Engine, planned: Planned) -> None:
    """Such as decrypting a function's own environment. The sweep above has no context."""
    # GIVEN requests that each role's own policies allow
    asked = list(conditional(planned))
    assert {one.principal for one in asked} >= {planned.roles()[function] for function in FUNCTIONS}
    assert all(bounded.allowed(asked))

    # WHEN the boundary counts, too
    within = bounded.allowed(replace(one, boundary="boundary") for one in asked)

    # THEN it allows them as well
    assert [str(one) for one, allowed in zip(asked, within, strict=True) if not allowed] == []


def test_roles_within_the_boundary_decrypt_no_environment_of_another_deployment(
    bounded: Engine, planned: Planned
) -> None:
    key, here = "kms:EncryptionContext:aws:lambda:FunctionArn", f"arn:aws:lambda:{HERE}:function:"
    asked = [
        Request(
            planned.roles()["relay"], "kms:Decrypt", KEY, {key: f"{here}{function}"}, ("everything",),
            f"{RESOURCE}{KEY}", "boundary", any_context=True,
        )
        for function in ("task-manager-prod-relay", "task-manager-dev-relay", "other")
    ]  # fmt: skip
    assert bounded.allowed(asked) == [True, False, False]


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sns", "sqs"])
def test_roles_within_the_boundary_use_the_key_through_their_services(
    bounded: Engine, planned: Planned, service: str
) -> None:
    via = {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}
    asked = Request(
        planned.roles()["relay"], "kms:Decrypt", KEY, via, ("everything",), f"{RESOURCE}{KEY}", "boundary"
    )
    assert bounded.allowed([asked]) == [True]


def test_a_backup_can_be_restored_to_the_table_that_the_runbook_names(
    bounded: Engine, planned: Planned
) -> None:
    # GIVEN the name in all its places
    runbook = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    names = re.findall(r"(?:--target-table-name |new table `|TABLE=)([\w-]+)", runbook)
    assert len(names) == 3
    (table,) = set(names)

    def restores(table: str) -> list[bool]:
        arn, role = planned.arn("dynamodb", f"table/{table}"), planned.roles()["restore"]
        asked = [
            Request(role, f"dynamodb:{action}", arn, identity=("everything",), boundary="boundary")
            for action in RESTORING
        ]
        return bounded.allowed(asked)

    # THEN the boundary leaves the restore's role its rights on that table, and none on others
    assert all(restores(table))
    assert not any(restores("restored"))


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


def test_every_role_has_the_configured_boundary(flavour: Callable[[str], Plan]) -> None:
    roles = flavour("options").of_type("aws_iam_role")
    assert {role.values["permissions_boundary"] for role in roles} == {BOUNDARY}


def test_no_role_has_a_boundary_by_default(aws_plan: Plan) -> None:
    assert {role.values["permissions_boundary"] for role in aws_plan.of_type("aws_iam_role")} == {None}
