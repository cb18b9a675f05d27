"""Schemathesis's hooks, besides schemathesis.toml."""

import re
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

KEY = "Idempotency-Key"

_TAG = st.from_regex(r'(W/)?"[!#-~]{0,8}"', fullmatch=True)
_TAGS = st.lists(_TAG, min_size=1, max_size=3).map(", ".join)

# Without this, Schemathesis generates headers of letters and digits only, and considers them valid.
schemathesis.openapi.format(
    "entity-tags", st.just("*") | st.lists(_TAGS, min_size=1, max_size=3).map(", ".join)
)


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Makes every valid idempotency key a new one: an old one is refused with another body."""
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and re.fullmatch(r"[!-~]([ -~]{0,200}[!-~])?", key):
        case.headers[KEY] = f"{uuid4().hex}{key}"
