"""GET /events. What is in it follows from events: see tests of the reactions."""

from uuid import uuid4

import httpx
import pytest

from tests.contracts.api.answers import assert_problem


class ListEventsContract:
    """See ApiContract."""

    def test_an_unknown_user_has_no_events(self, api: httpx.Client) -> None:
        answer = api.get(f"/events?userId={uuid4().hex}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"events": [], "count": 0}

    def test_unchanged_events_return_304(self, api: httpx.Client) -> None:
        path = f"/events?userId={uuid4().hex}"
        tag = api.get(path).headers["etag"]

        answer = api.get(path, headers={"If-None-Match": tag})

        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert api.get(path, headers={"If-None-Match": '"another"'}).status_code == 200

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [("limit=0", "query/limit"), ("limit=101", "query/limit"), ("limit=x", "query/limit"),
         ("userId=a%07b", "query/userId"), ("after=1", "query/after")],
    )  # fmt: skip
    def test_an_invalid_query_is_refused(self, api: httpx.Client, query: str, pointer: str) -> None:
        assert_problem(api.get(f"/events?{query}"), 422, pointer)

    def test_an_unreadable_precondition_is_refused(self, api: httpx.Client) -> None:
        answer = api.get("/events", headers={"If-None-Match": "unquoted"})
        assert_problem(answer, 400, "header/If-None-Match")
