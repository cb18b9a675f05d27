"""GET /: the console, a page to look at. It holds no data: whoever opens it sees what their token opens."""

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

from services.api.entry_point import entry_point
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.status import Status, allowed_by_client
from services.core.task import NewTask

ASSETS = Path(__file__).parent.parent / "console"
SCRIPTS = ("api.js", "words.js", "board.js", "dialogs.js", "feed.js", "statistics.js", "main.js")


@dataclass(frozen=True)
class Page:
    """The page in one piece, what may run in it, and a tag that names this very content."""

    html: str
    content_security_policy: str
    tag: str


def show_console(request: Request, _services: Services) -> Response:
    """200 with the page; 304 if the caller has it."""
    page = console()
    headers = {
        "ETag": f'"{page.tag}"',
        "Cache-Control": "no-cache",
        "Content-Security-Policy": page.content_security_policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if request.has(page.tag):
        return Response(HTTPStatus.NOT_MODIFIED.value, None, "", headers)
    return Response(HTTPStatus.OK.value, "text/html; charset=utf-8", page.html, headers)


@cache
def console() -> Page:
    """The page, put together from its files.

    In one piece, because a page at …/stage, without a slash at its end, could not name files beside it.
    """
    style = _read("console.css")
    script = "".join(_read(name) for name in SCRIPTS)
    html = _read("index.html")
    html = html.replace("<style></style>", f"<style>{style}</style>")
    html = html.replace('id="rules"></script>', f'id="rules">{json.dumps(_rules())}</script>')
    html = html.replace('<script type="module"></script>', f'<script type="module">{script}</script>')
    return Page(html, _policy(style, script), hashlib.sha256(html.encode()).hexdigest()[:16])


def _rules() -> dict[str, object]:
    """What the page has to know of the rules, from where they are."""
    fields = NewTask.model_json_schema()["properties"]
    return {
        "statuses": list(Status),
        "moves": {
            status: {
                "approved": allowed_by_client(status, approved=True),
                "otherwise": allowed_by_client(status, approved=False),
            }
            for status in Status
        },
        "limits": {name: fields[name]["maxLength"] for name in ("title", "description")},
    }


def _policy(style: str, script: str) -> str:
    """Nothing but this style and this script, and requests to where the page came from."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


ROUTES = {"GET /": show_console}
handler = entry_point(ROUTES)
