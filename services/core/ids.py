"""Task ids: UUID version 7 (RFC 9562, section 5.7), so that sorting by id is sorting by age."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

NewId = Callable[[datetime], str]
"""Gives a new id for something born at that moment. The one seam for identity."""

# Any UUID version is accepted as input: ids are only compared, so a stricter rule would gain nothing.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_task_id(moment: datetime) -> str:
    """A new UUIDv7 of `moment`: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return str(UUID(int=value))


def is_task_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical, lower-case form."""
    return _UUID.fullmatch(text) is not None
