"""The gate that all work of the embedded cloud passes: what waits while it is closed, and what goes on."""

import asyncio
import threading
import types
from typing import Any

import pytest

from scripts.clouds.states.gate import Gate, GatedRequests, hold_back


def function_request(path: str = "/") -> dict[str, Any]:
    return request(path, authorization=b"AWS4-HMAC-SHA256 Credential=ASIA0123/20260101/us-east-1/s3/aws4")


def request(path: str = "/", **headers: bytes) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": named}


async def nothing(*_: Any) -> Any:
    return None


def answered_while_closed(scope: dict[str, Any]) -> bool:
    """Whether a request is answered while the gate is closed; afterwards it has to be in any case."""
    gate, answered = Gate(), []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        answered.append(scope)

    async def ask() -> bool:
        gate.close()
        asking = asyncio.create_task(GatedRequests(application, gate)(scope, nothing, nothing))
        for _ in range(5):
            await asyncio.sleep(0)
        early = bool(answered)
        gate.open()
        await asking
        return early

    early = asyncio.run(ask())
    assert len(answered) == 1
    return early


def test_new_requests_wait_while_the_gate_is_closed() -> None:
    assert not answered_while_closed(request("/tasks"))


@pytest.mark.parametrize(
    "scope",
    [
        function_request(),
        request("/issuer/.well-known/jwks.json"),
        request("/_ministack/health"),
        request(x_amz_target=b"AmazonSQS.ReceiveMessage"),
    ],
)
def test_requests_that_belong_to_what_is_under_way_are_answered(scope: dict[str, Any]) -> None:
    assert answered_while_closed(scope)


def test_a_request_is_under_way_until_it_is_answered() -> None:
    gate, go_on = Gate(), asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()

    async def ask() -> tuple[list[str], list[str]]:
        asking = asyncio.create_task(GatedRequests(application, gate)(request(), nothing, nothing))
        await asyncio.sleep(0)
        during = await gate.quiet(0)
        go_on.set()
        await asking
        return during, await gate.quiet(5)

    assert asyncio.run(ask()) == (["request (1)"], [])


def test_a_thread_is_under_way_unless_it_rests_and_goes_on_when_the_gate_is_open() -> None:
    gate, end, rests = Gate(), threading.Event(), threading.Event()
    gone_on: list[bool] = []

    def execution() -> None:
        with gate.resting():
            rests.set()
            end.wait(10)
        gone_on.append(gate.is_open)

    gate.close()
    thread = threading.Thread(target=execution)
    thread.start()
    rests.wait(10)
    assert "thread execution" not in gate.begun()

    end.set()
    assert gone_on == []
    gate.open()
    thread.join(10)

    assert gone_on == [True]


def test_a_working_thread_is_named() -> None:
    gate, end = Gate(), threading.Event()
    thread = threading.Thread(target=lambda: end.wait(10), name="deliver")
    thread.start()

    begun = gate.begun()

    end.set()
    thread.join(10)
    assert "thread <lambda>" in begun


def test_a_step_of_a_poller_begins_only_while_the_gate_is_open() -> None:
    gate, polled = Gate(), threading.Event()
    module = types.SimpleNamespace(poll=polled.set)
    hold_back(gate, module, "poll")
    gate.close()
    thread = threading.Thread(target=module.poll)
    thread.start()

    assert not polled.wait(0.05)
    gate.open()

    assert polled.wait(10)
    thread.join(10)
