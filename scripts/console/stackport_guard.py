"""Serves StackPort on loopback, to its own page alone. Runs in StackPort's environment, not in the project's.

StackPort 0.4.6 by itself listens on every interface, lets any web page read it (CORS), and serves any file
of this machine (`GET /..%2f..%2fetc/passwd`). Here requests are refused that come by another name or from
another page, and paths that climb.
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

LOOPBACK = "127.0.0.1"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def guarded(app: App, port: int) -> App:
    """The application, for requests of its own page."""
    hosts = (f"{LOOPBACK}:{port}", f"localhost:{port}")

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or is_own(scope, hosts):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"Only StackPort's own page may call it.\n"})

    return guard


def is_own(scope: Scope, hosts: tuple[str, ...]) -> bool:
    """Whether a request comes from the page itself, and stays within its files."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    here = headers.get("origin", f"http://{host}") == f"http://{host}"
    climbs = ".." in scope["path"].replace("\\", "/").split("/") or scope["path"].startswith("//")
    return host in hosts and here and headers.get("sec-fetch-site") != "cross-site" and not climbs


def main() -> None:
    """Serve until a signal: `python stackport_guard.py PORT`."""
    import uvicorn
    from backend.main import app

    port = int(sys.argv[1])
    uvicorn.run(
        guarded(app, port), host=LOOPBACK, port=port, log_level="warning", timeout_graceful_shutdown=1
    )


if __name__ == "__main__":
    main()
