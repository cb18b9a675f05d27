"""Answers as the gateway gets them, before any HTTP library reads them."""

import json
from typing import Any

import pytest

from services.api.built_page import BuiltPage
from services.api.delete_task import ENDPOINTS as DELETE_TASK
from services.api.entry_point import entry_point
from services.api.get_task import ENDPOINTS as GET_TASK
from services.api.list_events import ENDPOINTS as LIST_EVENTS
from services.api.no_route import no_route
from services.api.request import Request
from services.api.response import Response
from services.core.event import Write
from services.core.events import events_of
from services.core.feed import entry_of
from tests.harness.builders import a_task
from tests.harness.fakes import NOON, FakeServices

TASK = a_task()
ALWAYS = {"Cache-Control": "private, no-cache", "Vary": "Origin", "x-correlation-id": "cause"}


def event(route: str, path: str, **more: Any) -> dict[str, Any]:
    """Of an HTTP API, whose route has a `taskId`."""
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "headers": {"x-correlation-id": "cause"} | more.pop("headers", {}),
        "pathParameters": {"taskId": TASK.task_id},
        "requestContext": {"stage": "$default", "http": {"method": route.partition(" ")[0]}},
    } | more


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    services.tasks.put_new(TASK, "cause")
    return services


def test_a_task_comes_as_json_with_its_version(services: FakeServices) -> None:
    answer = entry_point(GET_TASK, lambda *_: services)(event("GET /tasks/{taskId}", "/tasks/1"), None)

    assert answer == {
        "statusCode": 200,
        "headers": ALWAYS | {"ETag": '"1"', "Content-Type": "application/json"},
        "body": TASK.as_json(),
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("endpoints", "route", "headers", "status", "more"),
    [
        (GET_TASK, "GET /tasks/{taskId}", {"if-none-match": '"1"'}, 304, {"ETag": '"1"'}),
        (DELETE_TASK, "DELETE /tasks/{taskId}", {}, 204, {}),
        (None, "OPTIONS /tasks", {}, 204, {"Allow": "POST, GET, HEAD, OPTIONS"}),
    ],
)
def test_an_answer_without_content_has_an_empty_body_and_no_type(
    services: FakeServices,
    endpoints: Any,
    route: str,
    headers: dict[str, str],
    status: int,
    more: dict[str, str],
) -> None:
    """Not null: API Gateway treats a null body as empty, the local clouds do not."""
    handler = entry_point(endpoints or {}, lambda *_: services, otherwise=no_route)

    answer = handler(event(route, "/tasks", headers=headers), None)

    assert answer == {
        "statusCode": status,
        "headers": ALWAYS | more,
        "body": "",
        "isBase64Encoded": False,
    }


def test_a_body_that_the_caller_has_is_not_sent_again(services: FakeServices) -> None:
    handler = entry_point(LIST_EVENTS, lambda *_: services)
    tag = handler(event("GET /events", "/events"), None)["headers"]["ETag"]

    answer = handler(event("GET /events", "/events", headers={"if-none-match": tag}), None)

    assert answer == {
        "statusCode": 304,
        "headers": ALWAYS | {"ETag": tag},
        "body": "",
        "isBase64Encoded": False,
    }


def test_events_of_one_user_are_only_theirs(services: FakeServices) -> None:
    for user in ("ada", "eve"):
        task = a_task(user_id=user)
        (created,) = events_of(Write(None, task, "cause", task.updated_at))
        services.feed.record(entry_of(created, NOON))

    answer = entry_point(LIST_EVENTS, lambda *_: services)(
        event("GET /events", "/events", rawQueryString="userId=eve", queryStringParameters={"userId": "eve"}),
        None,
    )

    shown = json.loads(answer["body"])
    assert ([entry["userId"] for entry in shown["events"]], shown["count"]) == (["eve"], 1)


def test_a_built_page_comes_with_the_headers_that_confine_it() -> None:
    page = BuiltPage("<p>", "default-src 'none'", "abc")

    assert page.answer(Request.from_gateway(event("GET /", "/"))) == Response(
        200,
        "text/html; charset=utf-8",
        "<p>",
        {
            "ETag": '"abc"',
            "Cache-Control": "no-cache",
            "Content-Security-Policy": "default-src 'none'",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )
