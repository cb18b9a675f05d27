"""A request reads the same from an event of an HTTP API (2.0) and of a REST API (1.0)."""

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from services.api.list_tasks import ListQuery
from services.api.request import MAX_BODY_BYTES, Request
from services.core.errors import InputTooLarge, InvalidInput, MalformedInput
from services.core.task import TaskChanges
from tests.harness.builders import a_task


@dataclass(frozen=True)
class Sent:
    """What the client sent, and the events of both kinds."""

    http: dict[str, Any]
    rest: dict[str, Any]

    def requests(self) -> list[Request]:
        events = ({"version": "2.0"} | self.http, {"version": "1.0"} | self.rest)
        return [Request.from_gateway(event) for event in events]


def headers(*lines: tuple[str, str]) -> Sent:
    joined: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in lines:
        joined[name.lower()] = f"{joined[name.lower()]},{value}" if name.lower() in joined else value
        lists.setdefault(name, []).append(value)
    last = {name: values[-1] for name, values in lists.items()}
    return Sent({"headers": joined}, {"headers": last, "multiValueHeaders": lists})


def query(raw: str, *pairs: tuple[str, str]) -> Sent:
    joined: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
        lists.setdefault(name, []).append(value)
    last = {name: values[-1] for name, values in lists.items()}
    return Sent(
        {"rawQueryString": raw, "queryStringParameters": joined},
        {"queryStringParameters": last, "multiValueQueryStringParameters": lists},
    )


@pytest.mark.parametrize(
    "sent", [headers(("If-Match", '"1"'), ("If-Match", '"3"')), headers(("If-Match", '"1","3"'))]
)
def test_header_lines_of_one_name_are_one_list(sent: Sent) -> None:
    for request in sent.requests():
        precondition = request.precondition()
        assert precondition is not None
        assert [precondition(a_task(version=version)) for version in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize(
    "names", [("Idempotency-Key", "Idempotency-Key"), ("Idempotency-Key", "idempotency-key")]
)
def test_repeated_lines_of_a_single_value_are_joined(names: tuple[str, str]) -> None:
    """An HTTP API joins two lines by a comma, so the events of a REST API are read that way, too."""
    keys = [request.idempotency_key() for request in headers((names[0], "a"), (names[1], "b")).requests()]
    assert keys == ["a,b", "a,b"]


def test_repeated_correlation_ids_are_replaced() -> None:
    for request in headers(("X-Correlation-Id", "a"), ("X-Correlation-Id", "b")).requests():
        assert len(request.correlation_id) == 32


def test_headers_are_read_where_a_gateway_gives_no_lists_of_lines() -> None:
    """As local clouds do for REST APIs."""
    assert Request.from_gateway({"headers": {"Idempotency-Key": "a"}}).idempotency_key() == "a"


@pytest.mark.parametrize("form", [7, "3", None, {"3": "3"}])
def test_lines_of_another_form_than_a_list_count_as_absent(form: object) -> None:
    event = {"multiValueHeaders": {"If-Match": form}, "multiValueQueryStringParameters": {"limit": form}}

    request = Request.from_gateway(event)

    assert (request.precondition(), request.query(ListQuery)) == (None, ListQuery())


def body(content: str, *, in_base64: bool) -> Sent:
    given = base64.b64encode(content.encode()).decode() if in_base64 else content
    return Sent(*[{"body": given, "isBase64Encoded": in_base64}] * 2)


@pytest.mark.parametrize("in_base64", [True, False])
def test_a_body_is_read_up_to_its_largest_size(in_base64: bool) -> None:
    """Base64 takes a third more, which does not count."""
    largest = '{"title": "b"}'.ljust(MAX_BODY_BYTES)
    for request in body(largest, in_base64=in_base64).requests():
        assert request.body(TaskChanges) == TaskChanges(title="b")


@pytest.mark.parametrize("in_base64", [True, False])
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 2 * MAX_BODY_BYTES])
def test_a_larger_body_is_refused(size: int, in_base64: bool) -> None:
    for request in body('{"title": "b"}'.ljust(size), in_base64=in_base64).requests():
        with pytest.raises(InputTooLarge, match=r"^The body is larger than 131072 bytes\.$"):
            request.body(TaskChanges)


def test_a_body_that_is_not_base64_where_it_should_be_is_refused() -> None:
    for request in Sent(*[{"body": "e3!0=", "isBase64Encoded": True}] * 2).requests():
        with pytest.raises(MalformedInput, match=r"^The body is not JSON in UTF-8\.$"):
            request.body(TaskChanges)


@pytest.mark.parametrize("encoding", ["identity", " Identity"])
def test_a_body_that_says_that_it_is_not_compressed_is_read(encoding: str) -> None:
    event = {"body": '{"title": "b"}', "headers": {"Content-Encoding": encoding}}
    assert Request.from_gateway(event).body(TaskChanges) == TaskChanges(title="b")


def test_requests_without_a_correlation_id_get_one_each() -> None:
    given = [request.correlation_id for request in Sent({}, {}).requests()]
    assert [len(correlation_id) for correlation_id in given] == [32, 32]
    assert given[0] != given[1]


def test_an_absent_body_is_an_empty_one() -> None:
    for request in Sent({"body": None}, {"body": None}).requests():
        with pytest.raises(MalformedInput, match=r"^The body is empty; a JSON object is expected\.$"):
            request.body(TaskChanges)


@pytest.mark.parametrize(
    ("sent", "repeated"),
    [
        (query("limit=1&limit=2", ("limit", "1"), ("limit", "2")), "limit"),
        (query("userId=&userId=", ("userId", ""), ("userId", "")), "userId"),
        (query("userId=a%2Cb&limit=1&limit=1", ("userId", "a,b"), ("limit", "1"), ("limit", "1")), "limit"),
    ],
)
def test_a_repeated_parameter_is_named(sent: Sent, repeated: str) -> None:
    for request in sent.requests():
        with pytest.raises(InvalidInput) as refused:
            request.query(ListQuery)
        assert [error.pointer for error in refused.value.errors] == [f"query/{repeated}"]


@pytest.mark.parametrize(
    ("sent", "user"),
    [
        (query("userId=ada%2Blists", ("userId", "ada+lists")), "ada+lists"),
        (query("userId=ada+byron", ("userId", "ada byron")), "ada byron"),
        # A plus sign means a space, even if an HTTP API leaves it undecoded.
        (Sent({"rawQueryString": "userId=a+b", "queryStringParameters": {"userId": "a+b"}},
              {"queryStringParameters": {"userId": "a b"}}), "a b"),
        (query("userId=a%2Cb", ("userId", "a,b")), "a,b"),
        (query("userId=auth0%7C1", ("userId", "auth0|1")), "auth0|1"),
        (query("userId=100%2525", ("userId", "100%25")), "100%25"),
        # A REST API of a local cloud that gives no lists.
        (Sent(*[{"queryStringParameters": {"userId": "ada"}}] * 2), "ada"),
    ],
)  # fmt: skip
def test_a_parameter_is_what_was_sent(sent: Sent, user: str) -> None:
    assert [request.query(ListQuery).user_id for request in sent.requests()] == [user, user]


def test_without_a_query_there_are_no_parameters() -> None:
    sent = Sent(
        {"rawQueryString": ""}, {"queryStringParameters": None, "multiValueQueryStringParameters": None}
    )
    assert [request.query(ListQuery) for request in sent.requests()] == [ListQuery(), ListQuery()]


@pytest.mark.parametrize("user", ["auth0|1", "ada+lists@example.com", "100%25", "ä b", "a/b"])
def test_path_parameters_are_decoded_once(user: str) -> None:
    """HTTP APIs have decoded them, REST APIs have not."""
    encoded = {"auth0|1": "auth0%7C1", "ada+lists@example.com": "ada+lists%40example.com",
               "100%25": "100%2525", "ä b": "%C3%A4%20b", "a/b": "a%2Fb"}[user]  # fmt: skip
    sent = Sent({"pathParameters": {"userId": user}}, {"pathParameters": {"userId": encoded}})
    assert [request.path_parameters["userId"] for request in sent.requests()] == [user, user]


@pytest.mark.parametrize(
    ("path", "in_http_events", "in_rest_events"),
    [
        ("/users/auth0%7C1/stats", "/users/auth0|1/stats", "/users/auth0%7C1/stats"),
        ("/users/100%25/stats", "/users/100%/stats", "/users/100%25/stats"),
        ("/users/100%25/stats", "/users/100%25/stats", "/users/100%25/stats"),
        ("/users/%C3%A4%20b/stats", "/users/ä b/stats", "/users/%C3%A4%20b/stats"),
        ("/users/ada@example.com/stats", "/users/ada@example.com/stats", "/users/ada@example.com/stats"),
    ],
)
def test_the_path_in_a_problem_is_encoded_once(path: str, in_http_events: str, in_rest_events: str) -> None:
    http = Request.from_gateway({"version": "2.0", "rawPath": in_http_events})
    rest = Request.from_gateway({"path": "/else", "requestContext": {"path": in_rest_events}})
    assert [http.instance, rest.instance] == [path, path]


@pytest.mark.parametrize(
    ("stage", "in_http_events", "path"),
    [
        ("blue", "/blue/tasks", "/tasks"),
        ("$default", "/tasks", "/tasks"),
        ("$default", "/$default/tasks", "/$default/tasks"),
    ],
)
def test_routes_are_looked_up_without_the_stage(stage: str, in_http_events: str, path: str) -> None:
    """HTTP APIs put it before the path, unless it is the default one."""
    request = Request.from_gateway(
        {"version": "2.0", "rawPath": in_http_events, "requestContext": {"stage": stage}}
    )
    assert request.target == path


def test_parameters_keep_their_order() -> None:
    sent = query("b=1&a=2,3", ("b", "1"), ("a", "2,3"))
    http, _ = sent.requests()
    assert list(http.parameters()) == [("b", "1"), ("a", "2,3")]
