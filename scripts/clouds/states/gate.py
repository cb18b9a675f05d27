"""A gate that all work of the emulator passes, so that a snapshot is taken while none is under way.

Closed, it holds back new requests and the emulator's own deliveries, and lets end what has begun: calls of
running functions, and threads that the emulator started. An execution that waits for a task token or for a
time is not under way: it stays where it is, and passes the gate when it goes on.

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

POLL_SECONDS = 0.005

# Threads that live as long as the emulator: the functions that they run. What these do passes the gate
# (see `hold_back`), changes nothing that is kept, or is part of a request.
LASTING = {
    "_loop",  # of Lambda's pool: ends idle workers
    "_poll_loop",
    "_read_stderr",
    "_scheduler_loop",
    "_ticker_loop",
    "_worker",  # of a pool: its work is awaited elsewhere
}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

# A function's credentials are those of a session of its role.
OF_FUNCTION = b"Credential=ASIA"
# Waits without effect: all that these do between two waits is done in one go, on the loop that takes the
# snapshot too.
WAITING = (b".ReceiveMessage", b".GetActivityTask", b".StartLiveTail")
# Asked for by the emulator itself while it checks a token, and by whoever waits for it to start.
READ_ONLY = ("/.well-known/", "/_ministack/")


class Gate:
    """Counts what is under way; closed, it lets nothing begin.

    Threads that are there when it is made are lasting, too: DynamoDB's, which removes what has expired under
    a lock, and the one that waits for the end of standard input.
    """

    def __init__(self) -> None:
        self._first = set(threading.enumerate())
        self._changed = threading.Condition()
        self._open = True
        self._under_way: dict[str, int] = {}
        self._waiting: set[int] = set()

    def close(self) -> None:
        """Let nothing begin from now on."""
        self._open = False

    def open(self) -> None:
        """Let go on what was held back."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        """Whether work may begin."""
        return self._open

    @contextmanager
    def passing(self, what: str) -> Iterator[None]:
        """Wait until the gate is open; what follows is under way until the end of the block."""
        with self._changed:
            self._changed.wait_for(lambda: self._open)
            self._count(what, 1)
        try:
            yield
        finally:
            with self._changed:
                self._count(what, -1)

    @contextmanager
    def under_way(self, what: str) -> Iterator[None]:
        """What follows is under way, whether or not the gate is open: it is part of something that is."""
        with self._changed:
            self._count(what, 1)
        try:
            yield
        finally:
            with self._changed:
                self._count(what, -1)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """This thread is not under way until the end of the block, where it waits for the gate to be open."""
        me = threading.get_ident()
        with self._changed:
            self._waiting.add(me)
        try:
            yield
        finally:
            with self._changed:
                self._changed.wait_for(lambda: self._open)
                self._waiting.discard(me)

    def begun(self) -> list[str]:
        """What is under way, by name; nothing, if a snapshot may be taken."""
        with self._changed:
            counted = [f"{what} ({count})" for what, count in self._under_way.items() if count]
            waiting = set(self._waiting)
        lasting = self._first | {threading.current_thread()}
        working = [one for one in threading.enumerate() if one not in lasting and one.ident not in waiting]
        return counted + [f"thread {_work_of(one)}" for one in working if _work_of(one) not in LASTING]

    async def quiet(self, seconds: float) -> list[str]:
        """Wait until nothing is under way; gives what still is after that many seconds."""
        end = time.monotonic() + seconds
        while begun := self.begun():
            if time.monotonic() > end:
                return begun
            await asyncio.sleep(POLL_SECONDS)
        return []

    def _count(self, what: str, by: int) -> None:
        self._under_way[what] = self._under_way.get(what, 0) + by


class GatedRequests:
    """An ASGI application: requests of others than functions wait while the gate is closed."""

    def __init__(self, application: Application, gate: Gate) -> None:
        self._application = application
        self._gate = gate

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or is_exempt(scope):
            await self._application(scope, receive, send)
            return
        while not self._gate.is_open and not is_of_function(scope):
            await asyncio.sleep(POLL_SECONDS)
        # Between that look and this count nothing else runs on the loop, which is where the gate is closed.
        with self._gate.under_way("request"):
            await self._application(scope, receive, send)


def is_of_function(scope: Any) -> bool:
    """Whether a running function makes this request."""
    return OF_FUNCTION in dict(scope["headers"]).get(b"authorization", b"")


def is_exempt(scope: Any) -> bool:
    """Whether this request is harmless at any moment: it changes nothing, or waits most of the time."""
    if any(part in scope["path"] for part in READ_ONLY):
        return True
    return bool(dict(scope["headers"]).get(b"x-amz-target", b"").endswith(WAITING))


def hold_back(gate: Gate, module: Any, *names: str) -> None:
    """Have these functions of a module, each a step of an endless loop, begin only while the gate is open."""
    for name in names:
        setattr(module, name, _gated(gate, getattr(module, name), name))


def _gated(gate: Gate, step: Callable[..., Any], name: str) -> Callable[..., Any]:
    def gated(*arguments: Any, **options: Any) -> Any:
        with gate.passing(name):
            return step(*arguments, **options)

    return gated


def note(gate: Gate, module: Any, name: str) -> None:
    """Have calls of this function count as under way; they begin as part of something that is."""
    call = getattr(module, name)

    def noted(*arguments: Any, **options: Any) -> Any:
        with gate.under_way(name):
            return call(*arguments, **options)

    setattr(module, name, noted)


def _work_of(thread: threading.Thread) -> str:
    target = getattr(thread, "_target", None)
    return str(getattr(target, "__name__", None) or thread.name)
