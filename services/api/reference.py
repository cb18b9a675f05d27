"""The page GET /docs: Swagger UI with the OpenAPI document in it, and the headers that belong to the page.

Swagger UI itself is the one that comes with Powertools.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from string import Template

from aws_lambda_powertools.event_handler.openapi import swagger_ui

from services.api.built_page import BuiltPage

_SOURCES = Path(__file__).parent.parent / "console/reference"
_SWAGGER_UI = Path(swagger_ui.__file__).parent


def reference(document: str) -> BuiltPage:
    """The page for an OpenAPI document in JSON. It loads nothing from elsewhere."""
    styles = [_text(_SWAGGER_UI / "swagger-ui.min.css"), _text(_SOURCES / "style.css")]
    scripts = [_text(_SWAGGER_UI / "swagger-ui-bundle.min.js"), _text(_SOURCES / "script.js")]
    html = Template(_text(_SOURCES / "page.html")).substitute(
        swagger_style=styles[0],
        style=styles[1],
        # No text in it ends the element.
        document=document.replace("<", "\\u003c"),
        swagger_script=scripts[0],
        script=scripts[1],
    )
    return BuiltPage(html, _policy(styles, scripts), sha256(html.encode()).hexdigest()[:16])


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _policy(styles: list[str], scripts: list[str]) -> str:
    """Allow these styles and scripts, images in them, and requests to the page's own origin; nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(_source, styles))}",
            f"script-src {' '.join(map(_source, scripts))}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _source(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
