"""The approval workflow, from a high-priority task to its verdict."""

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators.tap import Tap
from tests.harness.approvals import Approvals
from tests.integration.test_approval_faults import (
    test_deleting_a_task_that_waits_for_approval_ends_its_workflow,
)
from tests.integration.test_approvals import (
    test_a_decision_is_applied_to_its_task,
    test_an_approval_request_names_the_route_and_the_deadline,
    test_other_priorities_are_approved_automatically,
    test_raising_the_priority_to_high_requests_approval,
)

__all__ = [
    "test_a_decision_is_applied_to_its_task",
    "test_an_approval_request_names_the_route_and_the_deadline",
    "test_deleting_a_task_that_waits_for_approval_ends_its_workflow",
    "test_other_priorities_are_approved_automatically",
    "test_raising_the_priority_to_high_requests_approval",
]

pytestmark = pytest.mark.usefixtures("events_arrive")


class ApprovalsAmongOthers(Approvals):
    """Approvals on a deployment that others use, whose queues need not become empty."""

    def settle(self) -> None:
        """Does not wait. A duplicate event is noticed only if it has already arrived."""


@pytest.fixture
def approvals(stack: Target, api: httpx.Client, bus: Tap, caller: str | None) -> Approvals:
    return ApprovalsAmongOthers(stack, api, bus, caller)
