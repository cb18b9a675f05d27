"""Plans of every flavour, of a second region, and of the longest names."""

from collections.abc import Callable

import pytest

from scripts.terraform.flavours import FLAVOURS
from tests.harness.plan import Plan, set_to

LONGEST = {"project_name": "a" * 20, "environment": "e" * 12, "aws_region": "ap-southeast-1"}


@pytest.fixture(scope="session", params=FLAVOURS)
def flavour_plan(request: pytest.FixtureRequest, flavour: Callable[[str], Plan]) -> Plan:
    """The plan of each flavour in turn."""
    return flavour(request.param)


@pytest.fixture(scope="session")
def flavour_plans(flavour: Callable[[str], Plan]) -> dict[str, Plan]:
    """The plans of all flavours, by name."""
    return {name: flavour(name) for name in FLAVOURS}


@pytest.fixture(scope="session")
def plan_elsewhere(plan_for: Callable[..., Plan]) -> Plan:
    """Production in another region of the same account."""
    return plan_for("prod", "-var=aws_region=eu-central-1")


@pytest.fixture(scope="session")
def longest_plan(plan_for: Callable[..., Plan]) -> Plan:
    """Production with the longest names that the variables allow, in a region with a longest code."""
    return plan_for("prod", *set_to(**LONGEST))
