"""A transport that loses answers: the request reaches its service, and the SDK never gets the answer."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ConnectionClosedError


class LossyTransport:
    """Wraps a client's transport, and loses only the answers that a test names."""

    def __init__(self, client: Any) -> None:
        self._endpoint = client._endpoint
        self._inner = self._endpoint.http_session
        self._endpoint.http_session = self
        self._to_lose: dict[str, Callable[[], object]] = {}
        self._to_follow: dict[str, Callable[[], object]] = {}
        self.sent: Counter[str] = Counter()
        """How often each operation was sent, the SDK's retries included."""

    def lose_next_answer(self, operation: str, then: Callable[[], object] = lambda: None) -> None:
        """The next call of an operation is carried out, `then` happens, and its answer is lost."""
        self._to_lose[operation] = then

    def follow_next_answer(self, operation: str, then: Callable[[], object]) -> None:
        """After the next call of an operation `then` happens, and its answer arrives."""
        self._to_follow[operation] = then

    def send(self, request: Any) -> Any:
        """What the SDK calls for each attempt."""
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        self.sent[operation] += 1
        answer = self._inner.send(request)
        self._to_follow.pop(operation, lambda: None)()
        if (then := self._to_lose.pop(operation, None)) is None:
            return answer
        then()
        raise ConnectionClosedError(endpoint_url=request.url)

    def close(self) -> None:
        """Gives the client its own transport back."""
        self._endpoint.http_session = self._inner
