"""The strings in what was saved: a cloud that starts on another port has other endpoints and queues' URLs.

Runs in the emulator's own environment too: nothing but the standard library is imported.
"""

import re
from collections import deque
from collections.abc import Callable
from typing import Any

PACKAGE = "ministack"


def other_port(old: int, new: int) -> Callable[[str], str]:
    """Replaces the endpoint of a cloud on one port by that on another: 127.0.0.1:4566, localhost:4566."""
    pattern = re.compile(rf"(127\.0\.0\.1|localhost):{old}(?!\d)")

    def replace(text: str) -> str:
        return pattern.sub(rf"\g<1>:{new}", text) if str(old) in text else text

    return replace


def replaced_strings(value: Any, replace: Callable[[str], str]) -> Any:
    """The same with other strings, keys included; what holds none of them stays the same object."""
    return _Replacing(replace).of(value)


class _Replacing:
    """One walk through objects; what several refer to stays one object."""

    def __init__(self, replace: Callable[[str], str]) -> None:
        self._replace = replace
        self._done: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._replace(value)
        if isinstance(value, tuple | frozenset):
            parts = [self.of(part) for part in value]
            same = all(before is after for before, after in zip(value, parts, strict=True))
            return value if same else type(value)(parts)
        if id(value) in self._done:
            return value
        if isinstance(value, dict | list | set | deque) or is_of_emulator(type(value).__module__):
            self._done[id(value)] = value  # keeps it alive, and so its id
            self._within(value)
        return value

    def _within(self, value: Any) -> None:
        if isinstance(value, dict):
            items = [(self.of(key), self.of(inner)) for key, inner in value.items()]
            value.clear()
            value.update(items)
        elif isinstance(value, list):
            value[:] = [self.of(inner) for inner in value]
        elif isinstance(value, set | deque):
            parts = [self.of(inner) for inner in value]
            value.clear()
            (value.update if isinstance(value, set) else value.extend)(parts)
        else:
            for name in attributes_of(value):
                setattr(value, name, self.of(getattr(value, name)))


def attributes_of(value: Any) -> list[str]:
    """The names of an object's attributes that have a value."""
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in [*getattr(value, "__dict__", {}), *slots] if hasattr(value, name)]


def is_of_emulator(module: str) -> bool:
    """Whether a module is part of ministack."""
    return module.split(".")[0] == PACKAGE
