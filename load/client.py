"""A client of the API whose every answer is checked, and which is patient with a gateway that throttles.

The requests and answers are those of the generated client; Locust's session sends them, and counts them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import gevent
import httpx
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import RescheduleTask

from clients.python.task_manager_client import AuthenticatedClient
from clients.python.task_manager_client.types import Response
from load.ledger import Ledger

THROTTLED = "THROTTLED"
"""The type, in Locust's statistics, of a call that the gateway turned away before any function ran."""

MAX_ATTEMPTS = 10
FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 3.0

# What the generated client raises for content that is not as docs/openapi.json has it.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)

T = TypeVar("T")

Send = Callable[[AuthenticatedClient], Response[Any]]
"""An operation of the generated client, with its arguments."""

Check = Callable[[T], str | None]
"""What is wrong with an answer's content; None, if nothing is."""


class _Throttled(Exception):
    """The gateway turned the call away."""


class _Unexpected(Exception):
    """An answer that is not as it should be; the message says how."""


class Api:
    """One user's view of the API. A call that goes wrong fails in the statistics, and ends the journey."""

    def __init__(self, session: FastHttpSession, user: str, ledger: Ledger, random: Any) -> None:
        self._session = session
        self._user = user
        self._ledger = ledger
        self._random = random
        self._http = _LocustClient(session)
        self._client = AuthenticatedClient(session.base_url, token="").set_httpx_client(self._http)

    def call(self, name: str, status: int, kind: type[T], send: Send, check: Check[T] | None = None) -> T:
        """The content of the answer, which must have this status and be of this kind.

        The name, such as "GET /tasks/{taskId}", is the call's in the statistics.
        """
        backoff = FIRST_BACKOFF_SECONDS
        for _ in range(MAX_ATTEMPTS):
            try:
                return self._attempt(name, status, kind, send, check)
            except _Throttled:
                # As AWS advises (exponential, with full jitter), so that users do not come back in step.
                gevent.sleep(self._random.uniform(backoff / 2, backoff))
                backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        self._session.request_event.fire(
            request_type=name.split()[0],
            name=name,
            response_time=0,
            response_length=0,
            exception=RuntimeError(f"throttled {MAX_ATTEMPTS} times"),
        )
        raise RescheduleTask

    def _attempt(self, name: str, status: int, kind: type[T], send: Send, check: Check[T] | None) -> T:
        self._http.expect(name, status)
        try:
            content = _content(send(self._client), kind, check)
        except (_Unexpected, *UNREADABLE) as error:
            self._refuse(
                name, str(error) if isinstance(error, _Unexpected) else f"is not readable: {error!r}"
            )
            raise RescheduleTask from error
        with self._http.answer as answer:
            answer.success()
        return content

    def _refuse(self, name: str, trouble: str) -> None:
        """Count the answer as a failure, and a write of it as in doubt; _Throttled if it is neither."""
        with self._http.answer as answer:
            throttled = answer.status_code == httpx.codes.TOO_MANY_REQUESTS
            if throttled:
                answer.request_meta["request_type"] = THROTTLED
                answer.success()
            else:
                answer.failure(trouble)
        if throttled:
            raise _Throttled
        if not name.startswith("GET") and not 400 <= answer.status_code < 500:
            self._ledger.doubt(self._user, f"{name}: {trouble}")


class _LocustClient(httpx.Client):
    """Sends requests by Locust's session, under the name of the call; `answer` is Locust's, to be judged.

    It takes the place of httpx's own request, which would add more than half of what a call costs Locust.
    """

    def __init__(self, session: FastHttpSession) -> None:
        super().__init__(
            transport=httpx.BaseTransport(), trust_env=False
        )  # none is used, nor its certificates read
        self._session = session
        self._name = ""
        self._status = 0
        self.answer: Any = None

    def expect(self, name: str, status: int) -> None:
        """The call that comes next."""
        self._name, self._status, self.answer = name, status, None

    def request(self, method: str, url: httpx.URL | str, **given: Any) -> httpx.Response:
        """The answer for the generated client, if it is one that it can read; else _Unexpected."""
        self.answer = answer = self._session.request(
            method.upper(), str(url), name=self._name, catch_response=True, **given
        )
        if answer.status_code != self._status:
            raise _Unexpected(f"answered {answer.status_code or answer.error}: {(answer.text or '')[:200]}")
        if not answer.headers.get("x-correlation-id"):
            raise _Unexpected("has no x-correlation-id")
        return httpx.Response(answer.status_code, content=answer.content)


def _content(answer: Response[Any], kind: type[T], check: Check[T] | None) -> T:
    content = answer.parsed
    if not isinstance(content, kind):
        raise _Unexpected(f"is no {kind.__name__}: {content!r}"[:200])
    if check and (trouble := check(content)):
        raise _Unexpected(trouble)
    return content
