"""An answer to an HTTP request."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Response:
    """An answer before it is put into the gateway's form. An empty body has no content type."""

    status_code: int
    content_type: str | None
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
