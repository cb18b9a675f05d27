"""The feed as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from scripts.console.index import Index
from scripts.console.rows import row_of

BACKLOG = 500
# Comments keep the connection known to be alive; the page notices a dead one by their absence.
KEEP_ALIVE_SECONDS = 10.0
# A burst is sent in parts, so that the page draws the first rows at once.
MOST_AT_ONCE = 200


def feed(request: Request, index: Index) -> StreamingResponse:
    """The newest rows, then each as it comes; after a lost connection, those that were missed."""
    last = request.headers.get("last-event-id") or request.query_params.get("after", "")
    number = int(last) if last.isdecimal() else None
    return StreamingResponse(_messages(index, number), media_type="text/event-stream")


async def _messages(index: Index, number: int | None) -> AsyncIterator[str]:
    wake, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell() -> None:
        loop.call_soon_threadsafe(wake.set)

    entries = index.newest(BACKLOG) if number is None else index.after(number)
    number = number or 0
    with index.listening(tell):
        yield _message("state", {"trouble": index.trouble})
        trouble = index.trouble
        while not index.closed:
            for part in (entries[at : at + MOST_AT_ONCE] for at in range(0, len(entries), MOST_AT_ONCE)):
                number = part[-1][0]
                yield _message("rows", [row_of(*entry) for entry in part], number)
            if index.trouble != trouble:
                trouble = index.trouble
                yield _message("state", {"trouble": trouble})
            if not await _woken(wake):
                yield ": still here\n\n"
            entries = index.after(number)


async def _woken(wake: asyncio.Event) -> bool:
    """Whether something changed; False if nothing did for a while."""
    try:
        await asyncio.wait_for(wake.wait(), KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return False
    wake.clear()
    return True


def _message(name: str, content: object, number: int | None = None) -> str:
    place = "" if number is None else f"id: {number}\n"
    return f"event: {name}\n{place}data: {json.dumps(content)}\n\n"
