"""Insertions into JSON that keep the layout of everything around them."""

import json
from collections.abc import Iterator

from scripts.base.failure import Failure

_DECODER = json.JSONDecoder()

Span = tuple[int, int]


def with_entry(text: str, after: str, entry: str) -> str:
    """The text of an object with one more entry, `"key": value`, after the one named `after`."""
    _, end = span(text, after)
    return f"{text[:end]},\n  {entry.strip()}{text[end:]}"


def with_string(text: str, path: tuple[str, ...], value: str) -> str:
    """The text with one more string at the end of the list at `path`, laid out as the one before it."""
    start, end = span(text, *path)
    elements = list(_elements(text, start))
    (first, last) = elements[-1]
    before = text[elements[-2][1] : first] if len(elements) > 1 else ", "
    if end - start > 100 and "\n" not in before:
        before = ",\n        "
    return text[:last] + before + json.dumps(value) + text[last:]


def span(text: str, *path: str) -> Span:
    """Where the value at a path of keys begins and ends. Raises Failure."""
    start, end = _skipped(text, 0), len(text)
    for name in path:
        places = {key: (first, last) for key, first, last in _entries(text, start)}
        if name not in places:
            raise Failure(f"there is no {'.'.join(path)} any more: scripts/scaffolding expects it there")
        start, end = places[name]
    return start, end


def _entries(text: str, place: int) -> Iterator[tuple[str, int, int]]:
    """Key, beginning and end of each value of the object that begins at `place`."""
    place = _skipped(text, place + 1)
    while text[place] != "}":
        key, place = _DECODER.raw_decode(text, place)
        start = _skipped(text, _skipped(text, place) + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield key, start, end
        place = _skipped(text, end)
        if text[place] == ",":
            place = _skipped(text, place + 1)


def _elements(text: str, place: int) -> Iterator[Span]:
    """Beginning and end of each element of the list that begins at `place`."""
    place = _skipped(text, place + 1)
    while text[place] != "]":
        _, end = _DECODER.raw_decode(text, place)
        yield place, end
        place = _skipped(text, end)
        if text[place] == ",":
            place = _skipped(text, place + 1)


def _skipped(text: str, place: int) -> int:
    while text[place].isspace():
        place += 1
    return place
