"""GET /openapi.json, GET /docs and GET /docs/events; answers unmatched requests: see no_route.py."""

import json
from functools import cache
from pathlib import Path

from services.api.answers import read_answer
from services.api.built_page import BuiltPage, built_page
from services.api.entry_point import entry_point
from services.api.no_route import no_route
from services.api.openapi import document
from services.api.pages import DOCS, EVENTS, OPENAPI_DOCUMENT
from services.api.reference import reference
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller

# Written by the build (scripts/build/event_page.py); not in the source tree.
EVENT_PAGE = Path(__file__).parent / "event_page.json"

# The same for every caller, so any cache may keep it, and has to ask each time.
_CACHING = {"Cache-Control": "no-cache"}


def openapi_document(request: Request, services: Services, _caller: Caller) -> Response:
    """200 with the OpenAPI document, which is public; 304 if the caller has it."""
    return read_answer(request, _document(authenticates=services.authenticates), headers=_CACHING)


def docs_page(request: Request, services: Services, _caller: Caller) -> Response:
    """200 with the API's reference; 304 if the caller has it."""
    return _page(authenticates=services.authenticates).answer(request)


def event_page(request: Request, _services: Services, _caller: Caller) -> Response:
    """200 with the page about events; 304 if the caller has it."""
    return built_page(EVENT_PAGE).answer(request)


@cache
def _document(*, authenticates: bool) -> str:
    return json.dumps(document(authenticates=authenticates))


@cache
def _page(*, authenticates: bool) -> BuiltPage:
    return reference(_document(authenticates=authenticates))


ENDPOINTS = {
    OPENAPI_DOCUMENT: openapi_document,
    DOCS: docs_page,
    EVENTS: event_page,
}
handler = entry_point(ENDPOINTS, otherwise=no_route)
