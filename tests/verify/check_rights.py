"""Compares what IAM's policy simulator says that each function may do with the function map.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import pytest

from scripts.deployments.target import Target
from scripts.operators.roles import role_arn
from scripts.operators.verification.simulator import NotAvailable, Simulator
from tests.harness.function_map import FUNCTIONS
from tests.harness.rights import Right, granted, resources
from tests.verify.arns import arn_of

# Services that encrypt what they store for a function with the deployment's key.
ENCRYPTING = {"dynamodb", "sns", "sqs", "s3"}


@pytest.fixture(scope="session")
def simulator(stack: Target) -> Simulator:
    """IAM's simulator. Skips where it does not distinguish an allowed action from a denied one."""
    found = Simulator(stack.client("iam"))
    try:
        found.require()
    except NotAvailable as error:
        pytest.skip(f"not available here: {error}")
    return found


@pytest.fixture(scope="session")
def asked(stack: Target) -> dict[Right, str]:
    """Every right to simulate → the ARN that it applies to."""
    return {
        Right(name, action): arn_of(stack, name, resource, action)
        for name, resource, calls in resources(stack)
        for action in calls
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_the_map_says_and_nothing_else(
    stack: Target, simulator: Simulator, asked: dict[Right, str], function: str
) -> None:
    uses = {(right.action, arn) for right, arn in asked.items()}
    should = granted(function)

    allowed = simulator.allowed(role_arn(stack, function), uses)
    may = {right for right, arn in asked.items() if (right.action, arn) in allowed}

    found = {"missing": sorted(map(str, should - may)), "too much": sorted(map(str, may - should))}
    assert found == {"missing": [], "too much": []}


def test_a_function_uses_the_key_only_through_the_services_of_its_rights(
    stack: Target, simulator: Simulator
) -> None:
    if not simulator.regards_context:
        pytest.skip("not available here: the simulator of this cloud ignores condition keys")

    through = {function: services_of_the_key(stack, simulator, function) for function in FUNCTIONS}
    should = {function: services_that_encrypt(function) for function in FUNCTIONS}
    wrong = {function for function in FUNCTIONS if through[function] != should[function]}

    assert {name: sorted(through[name]) for name in wrong} == {name: sorted(should[name]) for name in wrong}


def services_of_the_key(stack: Target, simulator: Simulator, function: str) -> set[str]:
    """The services through which the function's role may decrypt."""
    key, role = stack.outputs["kms_key_arn"], role_arn(stack, function)
    hosts = {service: f"{service}.{key.split(':')[3]}.amazonaws.com" for service in (*ENCRYPTING, "lambda")}
    uses = [("kms:Decrypt", key)]
    return {
        service for service, host in hosts.items() if simulator.allowed(role, uses, {"kms:ViaService": host})
    }


def services_that_encrypt(function: str) -> set[str]:
    """The services of the function's rights, and of the stream that it reads."""
    used = {right.action.partition(":")[0] for right in granted(function)}
    reads_a_stream = FUNCTIONS[function]["trigger"]["type"] == "stream"
    return used & ENCRYPTING | ({"dynamodb"} if reads_a_stream else set())
