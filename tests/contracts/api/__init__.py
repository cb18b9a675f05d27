"""The API's contract as a client sees it.

In-process with fakes in tests/unit, over HTTP in tests/integration, and against any deployment in
tests/verify. Subclasses give the fixture `api`, an HTTP client.
"""

import pytest

from tests.contracts.api.answers import UNKNOWN, assert_problem, create
from tests.contracts.api.create_task import CreateTaskContract
from tests.contracts.api.decide_approval import DecideApprovalContract
from tests.contracts.api.delete_task import DeleteTaskContract
from tests.contracts.api.every_answer import EveryAnswerContract
from tests.contracts.api.get_task import GetTaskContract
from tests.contracts.api.get_user_statistics import GetUserStatisticsContract
from tests.contracts.api.list_events import ListEventsContract
from tests.contracts.api.list_tasks import ListTasksContract
from tests.contracts.api.update_task import UpdateTaskContract

__all__ = ["UNKNOWN", "ApiContract", "assert_problem", "create"]


class ApiContract(
    CreateTaskContract,
    GetTaskContract,
    UpdateTaskContract,
    DeleteTaskContract,
    ListTasksContract,
    DecideApprovalContract,
    GetUserStatisticsContract,
    ListEventsContract,
    EveryAnswerContract,
):
    """Every endpoint, in the order of the design."""

    @pytest.fixture
    def subject(self) -> str | None:
        """The subject of `api`'s token, which has every scope; None if the API takes no tokens."""
        return None
