"""A call that Terraform repeats has one effect and gets the answer that was lost."""

import asyncio
from typing import Any

import pytest

from scripts.clouds.repeated_calls import Message, Receive, RepeatedCalls, Send

TERRAFORM = b"APN/1.0 HashiCorp/1.0 Terraform/1.11.4"


class Emulator:
    """Answers each call with how many it has had."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.calls = 0

    async def __call__(self, _scope: Any, _receive: Receive, send: Send) -> None:
        self.calls += 1
        count = str(self.calls).encode()
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": count, "more_body": False})


def request(call: bytes = b"1", *, agent: bytes = TERRAFORM, operation: bytes = b"CreateLogGroup") -> Any:
    headers = [
        (b"amz-sdk-invocation-id", call),
        (b"user-agent", agent),
        (b"x-amz-target", b"Logs_20140328." + operation),
    ]
    return {"type": "http", "method": "POST", "headers": headers}


async def answer(application: RepeatedCalls, scope: Any) -> bytes:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await application(scope, receive, send)
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    return bytes(messages[1]["body"])


def answers(emulator: Emulator, *scopes: Any) -> list[bytes]:
    async def ask() -> list[bytes]:
        application = RepeatedCalls(emulator)
        return [await answer(application, scope) for scope in scopes]

    return asyncio.run(ask())


def test_a_repetition_gets_the_first_answer_and_has_no_effect() -> None:
    emulator = Emulator()

    assert answers(emulator, request(), request(), request(b"2")) == [b"1", b"1", b"2"]
    assert emulator.calls == 2


def test_a_repetition_waits_for_the_first_attempt_to_be_answered() -> None:
    emulator = Emulator()

    async def ask() -> list[bytes]:
        application = RepeatedCalls(emulator)
        return list(await asyncio.gather(answer(application, request()), answer(application, request())))

    assert asyncio.run(ask()) == [b"1", b"1"]
    assert emulator.calls == 1


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_call_that_was_refused_is_made_again(status: int) -> None:
    assert answers(Emulator(status), request(), request()) == [b"1", b"2"]


@pytest.mark.parametrize(
    "scope",
    [request(agent=b"Boto3/1.44"), request(operation=b"DescribeLogGroups"), request() | {"method": "GET"}],
    ids=["another client", "an operation that reads", "a method that reads"],
)
def test_what_does_not_have_to_be_recognised_is_left_alone(scope: Any) -> None:
    assert answers(Emulator(), scope, scope) == [b"1", b"2"]
