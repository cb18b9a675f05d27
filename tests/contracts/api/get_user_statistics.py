"""GET /users/{userId}/stats and GET /users/stats. What is counted follows from events: see the reactions."""

from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import SUBJECTS, assert_problem


class GetUserStatisticsContract:
    """See ApiContract."""

    @pytest.mark.parametrize("user", ["nobody", "A.z_9@b:-", "x" * 255])
    def test_an_unknown_user_has_zeros(self, api: httpx.Client, user: str) -> None:
        unknown = f"{uuid4().hex}{user}"[-255:] if len(user) < 255 else user

        answer = api.get(f"/users/{unknown}/stats")

        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {
            "userId": unknown,
            "created": 0,
            "completed": 0,
            "averageCompletionSeconds": 0.0,
            "lastCompletedAt": None,
        }

    # Clients and gateways resolve dots before anything is routed (RFC 3986, section 5.2.4).
    @pytest.mark.parametrize(
        "user", [user for user in SUBJECTS if not set("/?#%") & set(user) and user != ".."]
    )
    def test_a_subject_in_the_path_is_the_user(self, api: httpx.Client, user: str) -> None:
        answer = api.get(f"/users/{quote(user, safe='')}/stats")
        assert (answer.status_code, answer.json()["userId"]) == (200, user)

    @pytest.mark.parametrize("user", SUBJECTS)
    def test_a_subject_in_the_query_is_the_user(self, api: httpx.Client, user: str) -> None:
        answer = api.get(f"/users/stats?userId={quote(user, safe='')}")
        assert (answer.status_code, answer.json()["userId"]) == (200, user)

    @pytest.mark.parametrize(
        "user",
        [
            *("%20", "x" * 256, "a%00b", "a%0Ab", "%E2%80%AEa"),
            pytest.param("%FF", marks=pytest.mark.requires("bytes_as_sent")),
        ],
    )
    def test_an_invalid_user_id_is_refused(self, api: httpx.Client, user: str) -> None:
        assert_problem(api.get(f"/users/{user}/stats"), 422, "path/userId")
        assert_problem(api.get(f"/users/stats?userId={user}"), 422, "query/userId")

    @pytest.mark.parametrize("query", ["", "userId=", "user=ada", "userId=ada&limit=1"])
    def test_a_query_must_name_the_user_and_nothing_else(self, api: httpx.Client, query: str) -> None:
        assert_problem(api.get(f"/users/stats?{query}"), 422)
