"""Hypothesis strategies for any JSON value, alone or in place of a part of a valid document."""

import copy
from typing import Any

from hypothesis import strategies as st

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x00", "2026-99-99T00:00:00.000Z", 10**400, 1e300])
)
JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@st.composite
def damaged(draw: st.DrawFn, documents: st.SearchStrategy[Any]) -> Any:
    """A document in which one part is replaced or missing."""
    document = copy.deepcopy(draw(documents))
    parent, key = draw(st.sampled_from(_places(document)))
    if draw(st.booleans()):
        parent[key] = draw(JSON)
    else:
        del parent[key]
    return document


def _places(part: Any) -> list[tuple[Any, Any]]:
    keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    return [place for key in keys for place in [(part, key), *_places(part[key])]]
