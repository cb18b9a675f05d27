"""Writes that are applied and whose answer is lost, end to end: client, gateway, function, SDK, table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness.fault_proxy import FaultProxy, fault_proxy, is_call, lose_answer
from tests.harness.stack import DeployedStack

pytestmark = pytest.mark.requires("functions_as_processes")

ALIAS = "live"
FUNCTIONS = ("create_task", "update_task", "delete_task", "decide_approval")

Lose = Callable[[str], None]
"""Loses the answer to the next call of a DynamoDB operation."""


@pytest.fixture(scope="module")
def proxy(stack: DeployedStack) -> Iterator[FaultProxy]:
    """Between the writing functions and the cloud."""
    with fault_proxy(stack.endpoint) as proxy, behind(stack, proxy.url):
        yield proxy


@contextmanager
def behind(stack: DeployedStack, url: str) -> Iterator[None]:
    """While it lasts, the functions call AWS at this URL, in a version of their own behind the alias."""
    functions = stack.client("lambda")
    before: dict[str, tuple[str, dict[str, Any]]] = {}
    made: dict[str, str] = {}
    try:
        for name in (stack.outputs["function_names"][function] for function in FUNCTIONS):
            version = functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]
            environment = functions.get_function_configuration(FunctionName=name)["Environment"]
            before[name] = (version, environment)
            through = {"Variables": {**environment["Variables"], "AWS_ENDPOINT_URL": url}}
            functions.update_function_configuration(FunctionName=name, Environment=through)
            functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            made[name] = functions.publish_version(FunctionName=name)["Version"]
            functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=made[name])
        yield
    finally:
        for name, (version, environment) in before.items():
            functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
            functions.update_function_configuration(FunctionName=name, Environment=environment)
        for name, version in made.items():
            # Terraform would release the newest version, whose proxy is closed by then.
            functions.delete_function(FunctionName=name, Qualifier=version)


@pytest.fixture
def lose(proxy: FaultProxy) -> Iterator[Lose]:
    rules = []

    def lose(operation: str) -> None:
        rules.append(proxy.add(is_call("dynamodb", operation), lose_answer, times=1))

    yield lose
    proxy.rules.clear()
    assert [len(rule.seen) for rule in rules] == [1] * len(rules), (
        "an answer that was to be lost was not asked for"
    )


def create(api: httpx.Client, **fields: str) -> dict[str, Any]:
    body = {"title": "Water the plants", "userId": f"lost-{uuid4().hex[:8]}"} | fields
    return dict(api.post("/tasks", json=body).raise_for_status().json())


def test_a_create_whose_answer_is_lost_creates_one_task(api: httpx.Client, lose: Lose) -> None:
    user = f"lost-{uuid4().hex[:8]}"
    lose("PutItem")

    assert api.post("/tasks", json={"title": "a", "userId": user}).status_code == 201
    assert api.get("/tasks", params={"userId": user}).json()["count"] == 1


def test_an_idempotent_create_whose_answer_is_lost_is_no_replay(api: httpx.Client, lose: Lose) -> None:
    body, key = {"title": "a", "userId": f"lost-{uuid4().hex[:8]}"}, {"Idempotency-Key": uuid4().hex}
    lose("TransactWriteItems")

    first = api.post("/tasks", json=body, headers=key)
    again = api.post("/tasks", json=body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.json() == first.json()
    assert api.get("/tasks", params={"userId": body["userId"]}).json()["count"] == 1


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}], ids=["without If-Match", "If-Match"])
def test_an_update_whose_answer_is_lost_is_answered_with_200(
    api: httpx.Client, lose: Lose, headers: dict[str, str]
) -> None:
    path = f"/tasks/{create(api)['taskId']}"
    lose("UpdateItem")

    answer = api.put(path, json={"status": "completed"}, headers=headers)

    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert api.get(path).json() == answer.json()


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}], ids=["without If-Match", "If-Match"])
def test_a_delete_whose_answer_is_lost_is_answered_with_204(
    api: httpx.Client, lose: Lose, operation: str, headers: dict[str, str]
) -> None:
    path = f"/tasks/{create(api)['taskId']}"
    lose(operation)

    assert api.delete(path, headers=headers).status_code == 204
    assert api.get(path).status_code == 404


def test_a_decision_whose_answer_is_lost_is_answered_with_202(api: httpx.Client, lose: Lose) -> None:
    path = f"/tasks/{create(api, priority='high')['taskId']}/approval"
    lose("UpdateItem")

    assert api.post(path, json={"decision": "approve"}, headers={"If-Match": '"1"'}).status_code == 202
    assert api.post(path, json={"decision": "approve"}).status_code == 409
