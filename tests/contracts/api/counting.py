"""GET /users/{userId}/stats. What is counted follows from events: see tests of the reactions."""

from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import assert_problem


class CountingContract:
    """See ApiContract."""

    @pytest.mark.parametrize("user", ["nobody", "A.z_9@b:-", "x" * 128])
    def test_an_unknown_user_has_zeros(self, api: httpx.Client, user: str) -> None:
        unknown = f"{uuid4().hex}{user}"[-128:] if len(user) < 128 else user
        answer = api.get(f"/users/{unknown}/stats")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {
            "userId": unknown,
            "created": 0,
            "completed": 0,
            "averageCompletionSeconds": 0.0,
            "lastCompletedAt": None,
        }

    @pytest.mark.parametrize("user", ["a%20b", "x" * 129, "a,b", "'"])
    def test_an_impossible_user_is_refused(self, api: httpx.Client, user: str) -> None:
        assert_problem(api.get(f"/users/{user}/stats"), 422, "path/userId")
