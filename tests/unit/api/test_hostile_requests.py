"""Every event is answered, whatever it holds: with success, or with a problem below 500."""

import json
import re
import string
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.operators.gateway_events import gateway_event
from services.api.entry_point import entry_point
from services.api.problems import CONTENT_TYPE
from services.core.task import Task
from tests.contracts.api import UNKNOWN, assert_problem
from tests.harness.anything import JSON, damaged
from tests.harness.builders import a_task
from tests.harness.fakes import FakeServices
from tests.harness.gateway import ENDPOINTS, gateway_client
from tests.unit.conftest import LogLines

TASK = a_task()
BODY = {"title": "b", "userId": "ada", "priority": "low", "tags": ["home"]}
HEADERS = {
    "Authorization": "Bearer eyJ0.eyJ0.c2ln",
    "If-Match": '"1"',
    "If-None-Match": 'W/"2", "3"',
    "Idempotency-Key": "key",
    "Origin": "https://tasks.example",
    "X-Correlation-Id": "cause",
}
ROUTES = [(module, operation.route) for module in ENDPOINTS for operation in module.ENDPOINTS]


def services(*, authenticates: bool = False) -> FakeServices:
    known = FakeServices(authenticates=authenticates)
    known.tasks.put_new(TASK, "cause")
    return known


def sound(route: str, api_type: str) -> dict[str, Any]:
    """The event of a valid request with every header, parameter and field that one may hold."""
    method, template = route.split(" ")
    parameters = dict.fromkeys(re.findall(r"\{(\w+)\}", template), UNKNOWN)
    parameters |= {"taskId": TASK.task_id, "userId": "ada"}
    url = "http://tasks.test" + template.format(**parameters)
    query = {"userId": "ada", "status": "pending", "limit": "5"} if route == "GET /tasks" else None
    request = httpx.Request(method, url, headers=HEADERS, params=query, json=BODY)
    in_path = {name: value for name, value in parameters.items() if name in template}
    claims = {"sub": "ada", "scope": "tasks/read tasks/write"}
    return gateway_event(request, template, in_path, api_type, claims)


SOUND = [(module, sound(route, api_type)) for module, route in ROUTES for api_type in ("http", "rest")]


def assert_answered(answer: Any) -> None:
    """The answer is one that API Gateway accepts, with a status below 500."""
    assert 200 <= answer["statusCode"] < 500
    assert isinstance(answer["body"], str)
    answer["body"].encode()
    for name, value in answer["headers"].items():
        # A line break would start a header of the caller's choice.
        assert f"{name}{value}".isascii()
        assert f"{name}{value}".isprintable()
    if answer["statusCode"] >= 400:
        assert answer["headers"]["Content-Type"] == CONTENT_TYPE
        assert json.loads(answer["body"])["status"] == answer["statusCode"]


@pytest.mark.parametrize("module", ENDPOINTS)
@given(event=JSON, authenticates=st.booleans())
def test_any_json_is_answered(module: Any, event: Any, authenticates: bool) -> None:
    handler = entry_point(module.ENDPOINTS, lambda *_: services(authenticates=authenticates))
    assert_answered(handler(event, None))


@given(chosen=st.sampled_from(SOUND), authenticates=st.booleans(), data=st.data())
def test_a_damaged_request_is_answered(chosen: tuple[Any, Any], authenticates: bool, data: Any) -> None:
    module, event = chosen
    handler = entry_point(module.ENDPOINTS, lambda *_: services(authenticates=authenticates))
    assert_answered(handler(data.draw(damaged(st.just(event))), None))


@given(chosen=st.sampled_from(SOUND), body=JSON.map(json.dumps) | st.text(), encoded=st.booleans())
def test_any_body_is_answered(chosen: tuple[Any, Any], body: str, encoded: bool) -> None:
    module, event = chosen
    handler = entry_point(module.ENDPOINTS, lambda *_: services())
    assert_answered(handler(event | {"body": body, "isBase64Encoded": encoded}, None))


@given(chosen=st.sampled_from(SOUND), query=st.dictionaries(st.text(), st.text()))
def test_any_query_is_answered(chosen: tuple[Any, Any], query: dict[str, str]) -> None:
    module, event = chosen
    assert_answered(
        entry_point(module.ENDPOINTS, lambda *_: services())(event | {"queryStringParameters": query}, None)
    )


@given(
    chosen=st.sampled_from(SOUND),
    raw=st.text(),
    joined=st.dictionaries(st.text(), st.text()),
    lists=JSON | st.dictionaries(st.text(), st.lists(st.text(), max_size=3)),
)
def test_repeated_headers_and_parameters_are_answered(
    chosen: tuple[Any, Any], raw: str, joined: dict[str, str], lists: Any
) -> None:
    module, event = chosen
    more = {"multiValueHeaders": lists, "multiValueQueryStringParameters": lists}
    query = {"rawQueryString": raw, "queryStringParameters": joined}

    assert_answered(entry_point(module.ENDPOINTS, lambda *_: services())(event | query | more, None))


HOSTILE = [*string.whitespace, "\x00", "\x1b[2J", "\x85", "\u2028", '"}\n{"level":"ERROR"', "\ud800"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: " ".join(f"{ord(each):x}" for each in text[:4]))
@pytest.mark.parametrize("api_type", ["http", "rest"])
def test_no_value_injects_a_log_line_or_a_header(log_lines: LogLines, text: str, api_type: str) -> None:
    for module, event in SOUND:
        names = ("headers", "pathParameters", "queryStringParameters")
        parts = [event[name] or {} for name in names]
        lists = [event.get(f"multiValue{name[0].upper()}{name[1:]}") or {} for name in names]
        for part in (*parts, *lists):
            for name in list(part):
                part_was = part[name]
                part[name] = f"a{text}b" if isinstance(part_was, str) else ["a", f"a{text}b"]
                assert_answered(entry_point(module.ENDPOINTS, lambda *_: services())(event, None))
                part[name] = part_was

    lines = log_lines()
    assert {line["message"] for line in lines} <= {route for _, route in ROUTES}
    assert all(line["level"] == "INFO" for line in lines)


class TestWhatIsLogged:
    """INFO lines hold no token, and no text from users."""

    @pytest.mark.parametrize("authenticates", [False, True])
    def test_no_token_and_no_body(self, log_lines: LogLines, authenticates: bool) -> None:
        secrets = ("eyJ0.eyJ0.c2ln", "Bearer", BODY["title"] + "secret")

        for module, event in SOUND:
            whole = event | {"body": json.dumps(BODY | {"title": secrets[-1]})}
            entry_point(module.ENDPOINTS, lambda *_: services(authenticates=authenticates))(whole, None)

        written = json.dumps(log_lines())
        assert len(log_lines()) == len(SOUND)
        assert not [secret for secret in secrets if secret in written]

    def test_a_validation_error_does_not_quote_stored_text(self, log_lines: LogLines) -> None:
        """By default, the models' exceptions quote the invalid value."""
        with pytest.raises(ValueError, match="status") as caught:
            Task.model_validate(TASK.as_document() | {"status": "a secret"}, strict=False)
        assert "a secret" not in str(caught.value)


class TestLimits:
    """Sizes and nesting are limited."""

    def test_a_body_too_large_is_a_413(self) -> None:
        with gateway_client(services()) as api:
            answer = api.post("/tasks", content=b'{"title": "' + b"x" * 200_000 + b'"}')
            assert_problem(answer, 413)

    @pytest.mark.parametrize("opening", ['{"a":', "["])
    def test_a_body_nested_too_deeply_is_a_400(self, opening: str) -> None:
        with gateway_client(services()) as api:
            assert_problem(api.post("/tasks", content=opening * 20_000), 400)

    def test_a_problem_lists_at_most_20_errors(self) -> None:
        with gateway_client(services()) as api:
            answer = api.post("/tasks", json={"x" * 500 + str(number): 1 for number in range(100)})
            problem = assert_problem(answer, 422)
            assert len(problem["errors"]) <= 20
            assert max(len(error["pointer"]) for error in problem["errors"]) <= 120

    @pytest.mark.parametrize("name", ["Idempotency-Key", "If-Match", "X-Correlation-Id"])
    def test_a_header_too_long_is_not_echoed(self, name: str) -> None:
        with gateway_client(services()) as api:
            answer = api.put(f"/tasks/{UNKNOWN}", json={"title": "b"}, headers={name: "x" * 9000})
            assert answer.status_code in (400, 404, 422)
            assert "x" * 300 not in str(answer.headers) + answer.text
