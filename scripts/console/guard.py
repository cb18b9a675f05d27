"""Who may call the console's server: the page that was opened by the address that `make console` printed.

The address holds a random token. Other pages in the same browser do not know it, so they can neither read
nor write, even if they reach the port by a name of their own (DNS rebinding) or send forms to it (CSRF); the
checks of `Host` and `Origin` refuse those even with the token.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # a link that leads elsewhere must not carry the token
    "X-Content-Type-Options": "nosniff",
}
SAFE = ("GET", "HEAD")


class Guard:
    """Refuses what does not come from the page itself, and every write if `read_only`."""

    def __init__(self, app: ASGIApp, *, token: str, port: int, read_only: bool) -> None:
        self._app = app
        self._token = token
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._read_only = read_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            status, detail = refusal
            return await JSONResponse({"detail": detail}, status)(scope, receive, send_with_headers)
        inner: dict[str, Any] = {**scope, "path": scope["path"][len(self._token) + 1 :]}
        return await self._app(inner, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers, path = Headers(scope=scope), str(scope["path"])
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "This server answers on the loopback address only."
        token, separator, _ = path[1:].partition("/")
        if not separator or not secrets.compare_digest(token.encode(), self._token.encode()):
            return 403, "Open the address that `make console` printed: it holds a token."
        if scope["method"] in SAFE:
            return None
        if (
            headers.get("origin") != f"http://{host}"
            or headers.get("sec-fetch-site", "same-origin") != "same-origin"
        ):
            return 403, "Only the console's own page may write."
        if headers.get("content-type") != "application/json":
            return 415, "The body has to be application/json."
        if self._read_only:
            return 403, "A deployment on AWS is shown read-only: use the commands, which ask first."
        return None
