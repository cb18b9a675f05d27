"""The API's contract as a client sees it.

In-process with fakes in tests/unit, over HTTP in tests/integration, and against any deployment in
tests/verify. Subclasses give the fixture `api`, an HTTP client.
"""

import pytest

from tests.contracts.api.answers import UNKNOWN, assert_problem, create
from tests.contracts.api.counting import CountingContract
from tests.contracts.api.creating import CreatingContract
from tests.contracts.api.deciding import DecidingContract
from tests.contracts.api.every_answer import EveryAnswerContract
from tests.contracts.api.following import FollowingContract
from tests.contracts.api.listing import ListingContract
from tests.contracts.api.one_task import OneTaskContract

__all__ = ["UNKNOWN", "ApiContract", "assert_problem", "create"]


class ApiContract(
    CreatingContract,
    OneTaskContract,
    ListingContract,
    DecidingContract,
    CountingContract,
    FollowingContract,
    EveryAnswerContract,
):
    """Every endpoint, in the order of the design."""

    @pytest.fixture
    def subject(self) -> str | None:
        """Who `api` is by its token, which has every scope; None where the API takes no tokens."""
        return None
