"""Every documented action on every deployed resource: a role may do what it is for, and nothing else."""

import pytest

from tests.harness.function_map import FUNCTIONS
from tests.infra.rights.evaluation import Engine, Found, Sweep
from tests.infra.rights.matrix import SERVICES, granted, resources
from tests.infra.rights.planned import Planned

# Every caller may ask for its own identity, whatever policies say:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS = {("sts:GetCallerIdentity", "*")}


@pytest.fixture(scope="module")
def found(engine: Engine, planned: Planned) -> dict[str, Found]:
    """Role → the actions that it may take."""
    everything = resources(planned)
    policies, roles = planned.identity_policies(), planned.roles()
    sweeps = [Sweep(arn, policies[role], SERVICES, everything) for role, arn in roles.items()]
    return dict(zip(roles, engine.swept(sweeps), strict=True))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_the_map_says_and_nothing_else(
    function: str, found: dict[str, Found], planned: Planned
) -> None:
    assert found[function].allowed - ALWAYS == granted(planned, function)
    assert found[function].evaluated > 5000


def test_the_workflow_may_only_invoke_its_functions_and_write_its_log(
    found: dict[str, Found], planned: Planned
) -> None:
    steps = {name for name, entry in FUNCTIONS.items() if entry["trigger"]["type"] == "workflow"}
    expected = {
        (
            "lambda:InvokeFunction",
            planned.arn("lambda", f"function:{planned.prefix}-{step.replace('_', '-')}:live"),
        )
        for step in steps
    }
    unbounded = {action for action, resource in found["approval"].allowed - ALWAYS if resource == "*"}

    assert {pair for pair in found["approval"].allowed if pair[1] != "*"} == expected
    assert {action.split(":")[0] for action in unbounded} == {"logs", "xray"}


def test_codedeploy_may_move_aliases_of_our_functions_only(found: dict[str, Found], planned: Planned) -> None:
    ours = planned.arn("lambda", f"function:{planned.prefix}-")
    allowed = found["deployment"].allowed - ALWAYS

    assert {action for action, _ in allowed} == {
        "cloudwatch:DescribeAlarms",
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    }
    assert all(resource.startswith(ours) for action, resource in allowed if action.startswith("lambda:"))


def test_every_role_is_covered(planned: Planned) -> None:
    of_aws_backup = {"backup", "restore"}  # they have AWS managed policies and none of ours
    known = {*FUNCTIONS, "approval", "deployment", *of_aws_backup}

    assert set(planned.roles()) == known
    assert {role for role, policies in planned.identity_policies().items() if not policies} == of_aws_backup
