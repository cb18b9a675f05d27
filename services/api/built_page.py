"""Pages that the build renders (scripts/build): HTML with the headers that belong to it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.api.answers import read_answer
from services.api.request import Request
from services.api.response import Response


@dataclass(frozen=True)
class BuiltPage:
    """A page, the Content-Security-Policy for its style and script, and the ETag of its content."""

    html: str
    content_security_policy: str
    tag: str

    def answer(self, request: Request) -> Response:
        """200 with the page; 304 if the caller has it."""
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": self.content_security_policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return read_answer(
            request, self.html, content_type="text/html; charset=utf-8", tag=self.tag, headers=headers
        )


# Its loader reads what belongs to the package, wherever that is: `make dev` has pages in another folder.
_SPEC: Any = __spec__


@cache
def built_page(file: Path) -> BuiltPage:
    """The page as built, read once, when it is first requested."""
    return BuiltPage(**json.loads(_SPEC.loader.get_data(str(file))))
