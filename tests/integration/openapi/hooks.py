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
    """Keeps to two rules that the document states and Schemathesis does not.

    Every valid idempotency key is a new one: an old one is refused with another body. A valid user id that
    was taken from an answer goes into a path as far as its pattern allows: with a slash there is none.
    """
    is_valid = case.meta is None or case.meta.generation.mode.is_positive
    if is_valid and "userId" in (path := case.path_parameters or {}):
        path["userId"] = re.sub("[/?#%]", "-", path["userId"])
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and re.fullmatch(r"[!-~]([ -~]{0,200}[!-~])?", key):
        case.headers[KEY] = f"{uuid4().hex}{key}"
