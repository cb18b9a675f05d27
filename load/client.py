"""A client of the API whose every answer is checked, and which is patient with a gateway that throttles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import RescheduleTask

from load.ledger import Ledger

THROTTLED = "THROTTLED"
"""The type, in Locust's statistics, of a call that the gateway turned away before any function ran."""

TOO_MANY_REQUESTS = 429
MAX_ATTEMPTS = 10
FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 3.0

Check = Callable[[dict[str, Any]], str | None]
"""What is wrong with an answer's content; None, if nothing is."""


@dataclass(frozen=True)
class Answer:
    """An answer that was as expected."""

    status: int
    content: dict[str, Any]


class Api:
    """One user's view of the API. A call that goes wrong fails in the statistics, and ends the journey."""

    def __init__(self, client: FastHttpSession, user: str, ledger: Ledger, random: Any) -> None:
        self._client = client
        self._user = user
        self._ledger = ledger
        self._random = random

    def call(
        self,
        call: str,
        path: str,
        expected: tuple[int, ...],
        *,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        check: Check | None = None,
    ) -> Answer:
        """The answer to `call`, such as "GET /tasks/{taskId}", of the path given."""
        backoff = FIRST_BACKOFF_SECONDS
        for _ in range(MAX_ATTEMPTS):
            answer = self._attempt(call, path, expected, body, headers, check)
            if answer is not None:
                return answer
            # As AWS advises (exponential, with full jitter), so that users do not come back in step.
            gevent.sleep(self._random.uniform(backoff / 2, backoff))
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        self._client.request_event.fire(
            request_type=call.split()[0],
            name=call,
            response_time=0,
            response_length=0,
            exception=RuntimeError(f"throttled {MAX_ATTEMPTS} times"),
        )
        raise RescheduleTask

    def _attempt(
        self,
        call: str,
        path: str,
        expected: tuple[int, ...],
        body: dict[str, Any] | None,
        headers: dict[str, str] | None,
        check: Check | None,
    ) -> Answer | None:
        """The answer; None, if the gateway throttled."""
        method = call.split()[0]
        with self._client.request(
            method, path, name=call, json=body, headers=headers or {}, catch_response=True
        ) as answer:
            if answer.status_code == TOO_MANY_REQUESTS:
                answer.request_meta["request_type"] = THROTTLED
                answer.success()
                return None
            trouble, content = _judge(answer, expected, check)
            if trouble is None:
                answer.success()
                return Answer(answer.status_code, content)
            answer.failure(trouble)
        if method != "GET" and not 400 <= answer.status_code < 500:
            self._ledger.doubt(self._user, f"{call}: {trouble}")
        raise RescheduleTask


def _judge(answer: Any, expected: tuple[int, ...], check: Check | None) -> tuple[str | None, dict[str, Any]]:
    """What is wrong with an answer, and its content."""
    if answer.status_code not in expected:
        return f"answered {answer.status_code or answer.error}: {(answer.text or '')[:200]}", {}
    if not answer.headers.get("x-correlation-id"):
        return "has no x-correlation-id", {}
    if not answer.text:
        return None, {}
    try:
        content = answer.json()
    except ValueError:
        return f"is not JSON: {answer.text[:200]}", {}
    return (check(content) if check else None), content
