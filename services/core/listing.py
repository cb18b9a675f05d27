"""Listing tasks: what is asked for, a page of the answer, and the cursor that leads to the next."""

import base64
import binascii
import json
from dataclasses import dataclass

from services.core.errors import FieldError, MalformedInput
from services.core.ids import is_task_id
from services.core.status import Status
from services.core.task import Task

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

# Longer than any cursor of this API: a user id of 255 characters, of four bytes each, and a few dozen more.
_MAX_CURSOR = 2048

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to list; None leaves a field open. Both together must both hold."""

    status: Status | None = None
    user_id: str | None = None


@dataclass(frozen=True)
class Page:
    """Tasks newest first. `last_seen` is the id to go on after, None when nothing follows."""

    tasks: tuple[Task, ...]
    last_seen: str | None = None


def encode_cursor(listing: TaskFilter, last_seen: str) -> str:
    """An opaque cursor that goes on after the task `last_seen`, for this filter alone."""
    content = _ENCODER.encode([last_seen, listing.status, listing.user_id])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, listing: TaskFilter) -> str:
    """The id to go on after. Raises MalformedInput for a cursor that is not ours or of another filter."""
    try:
        content = json.loads(_unpadded(cursor))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, list) or len(content) != 3 or not _is_id(content[0]):
        raise _malformed("was not issued by this API")
    if content[1:] != [listing.status, listing.user_id]:
        raise _malformed("belongs to a listing with other filters; start again without it")
    return str(content[0])


def _unpadded(cursor: str) -> bytes:
    if len(cursor) > _MAX_CURSOR:
        raise ValueError("too long")
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _is_id(value: object) -> bool:
    return isinstance(value, str) and is_task_id(value)


def _malformed(detail: str) -> MalformedInput:
    return MalformedInput(f"cursor {detail}.", [FieldError("query/cursor", detail)])
