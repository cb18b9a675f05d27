"""GET /: the console, one page without data: it shows what the caller's token may read."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.api.answers import read_answer
from services.api.entry_point import entry_point
from services.api.pages import CONSOLE
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller

# Written by the build (scripts/build/console.py); not in the source tree.
BUILT = Path(__file__).parent.parent / "console/page.json"


@dataclass(frozen=True)
class Page:
    """The page, the Content-Security-Policy for its style and script, and the ETag of its content."""

    html: str
    content_security_policy: str
    tag: str


def show_console(request: Request, _services: Services, _caller: Caller) -> Response:
    """200 with the page; 304 if the caller has it."""
    page = console()
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": page.content_security_policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return read_answer(
        request, page.html, content_type="text/html; charset=utf-8", tag=page.tag, headers=headers
    )


@cache
def console() -> Page:
    """The page as built, read once."""
    return Page(**json.loads(BUILT.read_text(encoding="utf-8")))


ENDPOINTS = {CONSOLE: show_console}
handler = entry_point(ENDPOINTS)
