"""Every function may do what the function map says and nothing else, under the cloud's enforcement of IAM.

The tests assume each function's role, and try every right of tests/harness/rights.py with it. Only the
embedded cloud lets its root assume these roles; tests/infra reads from the plan who may do so on AWS.
"""

from collections.abc import Callable, Iterator

import pytest

from scripts.operators.roles import role_name
from tests.harness.function_map import FUNCTIONS
from tests.harness.rights import Right, Rights, granted
from tests.harness.stack import DeployedStack

pytestmark = pytest.mark.requires("iam_enforcement")


Matrix = dict[str, set[Right]]


@pytest.fixture(scope="module")
def rights(stack: DeployedStack) -> Rights:
    return Rights(stack)


@pytest.fixture(scope="module")
def matrix(tell: Callable[[str], None], rights: Rights) -> Iterator[Matrix]:
    """Function → the rights that it was found to have; shown when all have been tried."""
    found: Matrix = {}
    yield found
    for line in table(found, list(rights)):
        tell(line)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_the_map_says_and_nothing_else(
    stack: DeployedStack, rights: Rights, matrix: Matrix, function: str
) -> None:
    role = stack.client("iam").get_role(RoleName=role_name(stack, function))["Role"]
    session = stack.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="rights")
    caller = rights.in_the_name_of(session["Credentials"])

    matrix[function] = {right for right in rights if caller.may(right)}

    assert matrix[function] == granted(function)


def test_every_right_of_the_map_is_tried(rights: Rights) -> None:
    assert {right for function in FUNCTIONS for right in granted(function)} <= set(rights)


def test_functions_may_use_the_key_only_through_the_services_that_they_use(stack: DeployedStack) -> None:
    """The policies are read from the cloud, because a plan does not know the key's ARN."""
    iam, key = stack.client("iam"), stack.outputs["kms_key_arn"]
    checked = 0

    for role in (role_name(stack, function) for function in FUNCTIONS):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                if any(action.startswith("kms:") for action in statement["Action"]):
                    checked += 1
                    assert set(statement["Action"]) <= {"kms:Decrypt", "kms:GenerateDataKey"}
                    assert statement["Resource"] == [key]
                    via = statement["Condition"]["StringEquals"]["kms:ViaService"]
                    assert "*" not in "".join(via)

    assert checked > len(FUNCTIONS) / 2


def table(matrix: Matrix, rights: list[Right]) -> Iterator[str]:
    """A row for each right that some function has, a column for each function; then the rights of none."""
    names = list(matrix)
    held = [right for right in rights if any(right in found for found in matrix.values())]
    width = max((len(str(right)) for right in held), default=0)
    yield ""
    yield "Rights of the functions, as tried: ✓ allowed, · denied"
    yield from (f"  {number:2} {name}" for number, name in enumerate(names, 1))
    yield " " * width + "".join(f"{number:3}" for number in range(1, len(names) + 1))
    for right in held:
        marks = "".join("  ✓" if right in matrix[name] else "  ·" for name in names)
        yield f"{right!s:{width}}{marks}"
    yield "Denied to all:"
    for resource in dict.fromkeys(right.on for right in rights):
        refused = [right.action for right in rights if right.on == resource and right not in held]
        if refused:
            yield f"  {resource}: {', '.join(refused)}"
    allowed = sum(map(len, matrix.values()))
    tried = len(names) * len(rights)
    yield f"{len(names)} functions by {len(rights)} rights: {allowed} allowed, {tried - allowed} denied"
