"""The approval workflow, from a high-priority task to its verdict."""

import httpx
import pytest

from scripts.deployments.target import Target
from scripts.operators.tap import Tap
from tests.harness.approvals import Approvals
from tests.integration.test_approval_faults import test_a_task_deleted_while_waiting_ends_its_workflow
from tests.integration.test_approvals import (
    test_a_decision_reaches_its_task,
    test_other_priorities_are_approved_by_themselves,
    test_priority_raised_later_asks_for_approval_too,
    test_the_request_tells_how_to_decide,
)

__all__ = [
    "test_a_decision_reaches_its_task",
    "test_a_task_deleted_while_waiting_ends_its_workflow",
    "test_other_priorities_are_approved_by_themselves",
    "test_priority_raised_later_asks_for_approval_too",
    "test_the_request_tells_how_to_decide",
]

pytestmark = pytest.mark.usefixtures("events_arrive")


class ApprovalsAmongOthers(Approvals):
    """Approvals where others work, too: no queue can be expected to become empty."""

    def settle(self) -> None:
        """See Approvals. That an event came once is then what came with it."""


@pytest.fixture
def approvals(stack: Target, api: httpx.Client, bus: Tap, caller: str | None) -> Approvals:
    return ApprovalsAmongOthers(stack, api, bus, caller)
