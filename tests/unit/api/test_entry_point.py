"""How functions handle the events of both kinds of API Gateway."""

import json
from typing import Any

import pytest

from services.api.entry_point import Handler, entry_point
from services.api.get_task import get_task
from services.api.operation import Operation
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller, Scope
from tests.harness.builders import a_task
from tests.harness.fakes import FakeServices


def echo(request: Request, _services: Services, _caller: Caller) -> Response:
    return Response(200, "text/plain", request.path_parameters["taskId"], {"ETag": '"1"'})


def nothing(_request: Request, _services: Services, _caller: Caller) -> Response:
    return Response(204, None, "")


@pytest.fixture
def handler() -> Handler:
    endpoints = {
        Operation("GET /tasks/{taskId}", Scope.READ): echo,
        Operation("DELETE /tasks/{taskId}", Scope.WRITE): nothing,
    }
    return entry_point(endpoints, lambda *_: FakeServices())


def http_event(method: str = "GET", path: str = "/tasks/{taskId}", **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": "/tasks/an-id",
        "pathParameters": {"taskId": "an-id"},
        "requestContext": {"stage": "$default"},
    } | more


def rest_event(method: str = "GET", path: str = "/tasks/{taskId}") -> dict[str, Any]:
    return {
        "httpMethod": method,
        "resource": path,
        "path": "/tasks/an-id",
        "pathParameters": {"taskId": "an-id"},
        "requestContext": {"stage": "live"},
    }


@pytest.mark.parametrize("make_event", [http_event, rest_event])
def test_the_route_and_its_parameters_come_from_the_gateway(handler: Handler, make_event: Any) -> None:
    answer = handler(make_event(), None)

    assert (answer["statusCode"], answer["body"]) == (200, "an-id")
    assert answer["headers"]["ETag"] == '"1"'
    assert answer["headers"]["Content-Type"] == "text/plain"
    assert answer["headers"]["x-correlation-id"]


@pytest.mark.parametrize("make_event", [http_event, rest_event])
def test_a_head_has_the_answer_of_the_get(handler: Handler, make_event: Any) -> None:
    """With its body: the gateway leaves it out, and gives its length."""
    read, answer = handler(make_event("GET"), None), handler(make_event("HEAD"), None)
    assert (answer["statusCode"], answer["body"]) == (read["statusCode"], read["body"])
    assert answer["headers"].keys() == read["headers"].keys()


@pytest.mark.parametrize("make_event", [http_event, rest_event])
def test_an_answer_without_a_body_has_no_type(handler: Handler, make_event: Any) -> None:
    answer = handler(make_event("DELETE"), None)
    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert "Content-Type" not in answer["headers"]


@pytest.mark.parametrize("make_event", [http_event, rest_event])
@pytest.mark.parametrize(("method", "path"), [("GET", "/else"), ("POST", "/tasks/{taskId}")])
def test_a_route_of_another_function_is_not_found(
    handler: Handler, make_event: Any, method: str, path: str
) -> None:
    answer = handler(make_event(method, path), None)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["type"]) == (404, "urn:task-manager:problem:no-such-route")


def test_a_problem_names_the_path_that_was_called(handler: Handler) -> None:
    event = http_event(path="/else", rawPath="/blue/tasks/an-id", requestContext={"stage": "blue"})
    assert json.loads(handler(event, None)["body"])["instance"] == "/blue/tasks/an-id"


@pytest.mark.parametrize("authenticates", [True, False])
def test_a_public_operation_reaches_no_tasks(authenticates: bool) -> None:
    services, task = FakeServices(authenticates=authenticates), a_task()
    services.tasks.put_new(task, "cause")
    public = {Operation("GET /tasks/{taskId}", scope=None): get_task}

    event = http_event(pathParameters={"taskId": task.task_id})
    answer = entry_point(public, lambda *_: services)(event, None)

    assert answer["statusCode"] == 404


def test_an_operation_is_not_public_by_omission() -> None:
    with pytest.raises(TypeError, match="scope"):
        Operation("GET /tasks/{taskId}")  # type: ignore[call-arg]


def test_an_event_of_no_gateway_is_a_404(handler: Handler) -> None:
    assert handler({}, None)["statusCode"] == 404


def test_another_route_than_the_functions_own_is_refused(handler: Handler) -> None:
    answer = handler(http_event("POST"), None)

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["detail"] == (
        "There is nothing at this path and method; GET /docs lists what there is."
    )
