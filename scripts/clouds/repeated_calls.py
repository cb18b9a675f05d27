"""Answers a call that Terraform repeats with the answer that was lost.

A client whose connection breaks retries. A second CreateLogGroup is refused, and a second CreateApi or
CreateKey creates another one: Terraform then fails on its own resource, or does not know of one.
Retries carry the id of the first attempt, by which they are recognised here. Calls of other clients are
left alone: functions have to cope with lost answers, as on AWS.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

# AWS's SDKs send this header with every attempt; its value is the same in all attempts of a call.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
CALL = b"amz-sdk-invocation-id"
CALLER = b"Terraform"
READING = ("GET", "HEAD")
READING_OPERATIONS = (b"Describe", b"Get", b"List")
REMEMBERED = 5_000  # of the last calls: several applies


class RepeatedCalls:
    """An ASGI application that hands repetitions of a call that succeeded the first answer."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._answers: OrderedDict[bytes, asyncio.Future[list[Message] | None]] = OrderedDict()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = _call(scope)
        if call is None:
            await self._application(scope, receive, send)
            return
        first = self._answers.get(call)
        # The first attempt may still be running after its connection broke.
        if first is not None and (answer := await asyncio.shield(first)) is not None:
            # An answer before the whole request has arrived would break the connection again.
            while (await receive()).get("more_body"):
                pass
            for message in answer:
                await send(message)
            return
        await self._remember(call, scope, receive, send)

    async def _remember(self, call: bytes, scope: Any, receive: Receive, send: Send) -> None:
        answered = self._answers[call] = asyncio.get_running_loop().create_future()
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        messages: list[Message] = []

        async def keep_and_send(message: Message) -> None:
            messages.append(message)
            await send(message)

        try:
            await self._application(scope, receive, keep_and_send)
        finally:
            # A refused call had no effect: the next attempt is handled like a first one.
            succeeded = bool(messages) and messages[0].get("status", 500) < 300
            answered.set_result(messages if succeeded else None)


def _call(scope: Any) -> bytes | None:
    """The id of a call of Terraform's that changes something; None for all others."""
    if scope["type"] != "http" or scope["method"] in READING:
        return None
    headers = dict(scope["headers"])
    operation = headers.get(b"x-amz-target", b"").rpartition(b".")[2]
    if operation.startswith(READING_OPERATIONS):
        return None
    return headers.get(CALL) if CALLER in headers.get(b"user-agent", b"") else None
