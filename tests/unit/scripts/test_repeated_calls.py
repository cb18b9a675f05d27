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

    async def __call__(self, _scope: Any, receive: Receive, send: Send) -> None:
        self.calls += 1
        count = str(self.calls).encode()
        while (await receive())["more_body"]:
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


async def answer(application: RepeatedCalls, scope: Any, body: tuple[bytes, ...] = (b"",)) -> bytes:
    messages: list[Message] = []
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    parts[-1]["more_body"] = False

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        assert not parts, "answered before the whole request had come"
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


def test_the_body_of_a_repetition_is_read_before_it_is_answered() -> None:
    async def ask() -> list[bytes]:
        application = RepeatedCalls(Emulator())
        return [await answer(application, request(), (b"a", b"b", b"c")) for _ in range(2)]

    assert asyncio.run(ask()) == [b"1", b"1"]


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_refused_call_is_made_again(status: int) -> None:
    assert answers(Emulator(status), request(), request()) == [b"1", b"2"]


@pytest.mark.parametrize(
    "scope",
    [request(agent=b"Boto3/1.44"), request(operation=b"DescribeLogGroups"), request() | {"method": "GET"}],
    ids=["another client", "an operation that reads", "a method that reads"],
)
def test_other_calls_are_left_alone(scope: Any) -> None:
    assert answers(Emulator(), scope, scope) == [b"1", b"2"]
