"""GET /openapi.json and GET /docs; answers unmatched requests: see no_route.py."""

import json
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui

from services.api.answers import read_answer
from services.api.entry_point import entry_point
from services.api.no_route import no_route
from services.api.openapi import document
from services.api.pages import DOCS, OPENAPI_DOCUMENT
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller

# The same for every caller, so any cache may keep it, and has to ask each time.
_CACHING = {"Cache-Control": "no-cache"}


def openapi_document(request: Request, services: Services, _caller: Caller) -> Response:
    """200 with the OpenAPI document, which is public; 304 if the caller has it."""
    return read_answer(request, _document(authenticates=services.authenticates), headers=_CACHING)


def docs_page(request: Request, services: Services, _caller: Caller) -> Response:
    """200 with a Swagger UI page that loads nothing from elsewhere; 304 if the caller has it."""
    page = _page(authenticates=services.authenticates)
    return read_answer(request, page, content_type="text/html; charset=utf-8", headers=_CACHING)


@cache
def _document(*, authenticates: bool) -> str:
    return json.dumps(document(authenticates=authenticates))


@cache
def _page(*, authenticates: bool) -> str:
    assets = Path(swagger_ui.__file__).parent
    return swagger_ui.generate_swagger_html(
        spec=_document(authenticates=authenticates),
        swagger_js=(assets / "swagger-ui-bundle.min.js").read_text(encoding="utf-8"),
        swagger_css=(assets / "swagger-ui.min.css").read_text(encoding="utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )


ENDPOINTS = {
    OPENAPI_DOCUMENT: openapi_document,
    DOCS: docs_page,
}
handler = entry_point(ENDPOINTS, otherwise=no_route)
