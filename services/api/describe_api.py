"""GET /openapi.json, GET /docs and GET /docs/events; answers unmatched routes with 404 or 405."""

import json
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui

from services.api.answers import JSON
from services.api.built_page import built_page
from services.api.entry_point import entry_point
from services.api.no_route import no_route
from services.api.openapi import document
from services.api.operation import Operation
from services.api.request import Request
from services.api.response import Response
from services.composition import Services
from services.core.callers import Caller

# Written by the build (scripts/build/event_page.py); not in the source tree.
EVENT_PAGE = Path(__file__).parent / "event_page.json"


def openapi_document(_request: Request, services: Services, _caller: Caller) -> Response:
    """200 with the OpenAPI document, which is public."""
    return Response(200, JSON, _document(authenticates=services.authenticates))


def docs_page(_request: Request, services: Services, _caller: Caller) -> Response:
    """200 with a Swagger UI page that loads nothing from elsewhere."""
    return Response(200, "text/html; charset=utf-8", _page(authenticates=services.authenticates))


def event_page(request: Request, _services: Services, _caller: Caller) -> Response:
    """200 with the page about events; 304 if the caller has it."""
    return built_page(EVENT_PAGE).answer(request)


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
    Operation("GET /openapi.json", scope=None): openapi_document,
    Operation("GET /docs", scope=None): docs_page,
    Operation("GET /docs/events", scope=None): event_page,
}
handler = entry_point(ENDPOINTS, otherwise=no_route)
