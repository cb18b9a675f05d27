"""GET /: the console, one page without data: it shows what the caller's token may read."""

from pathlib import Path

from services.api.built_page import built_page
from services.api.entry_point import entry_point
from services.api.pages import CONSOLE
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller

# Written by the build (scripts/build/console.py); not in the source tree.
BUILT = Path(__file__).parent.parent / "console/page.json"


def show_console(request: Request, _services: Services, _caller: Caller) -> Response:
    """200 with the page; 304 if the caller has it."""
    return built_page(BUILT).answer(request)


ENDPOINTS = {CONSOLE: show_console}
handler = entry_point(ENDPOINTS)
