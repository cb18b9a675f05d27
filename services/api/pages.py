"""The public operations: pages, and the OpenAPI document, which does not describe them."""

from services.api.operation import Operation

CONSOLE = Operation("GET /", scope=None)
DOCS = Operation("GET /docs", scope=None)
EVENTS = Operation("GET /docs/events", scope=None)
OPENAPI_DOCUMENT = Operation("GET /openapi.json", scope=None)

PAGES = (CONSOLE, DOCS, EVENTS, OPENAPI_DOCUMENT)
