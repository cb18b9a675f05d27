"""Write ids: how a writer recognises its own write after the answer to it was lost.

Each update of a task has a random id of its own, which stays on the item, and so does the one before: should
another writer come between the lost answer and the SDK's retry, ours is still there. A correlation id would
not do, because a caller may use the same one for several requests.
"""

import os
from collections.abc import Mapping
from typing import Any

WRITE_ID = "writeId"
EARLIER_WRITE_ID = "earlierWriteId"
"""Attributes of a task's item. Nothing outside the table has them: neither events nor answers."""

# The right-hand sides are of the item before the update:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
KEEP_WRITE_IDS = "#earlierWriteId = if_not_exists(#writeId, :writeId), #writeId = :writeId"
"""The part of an update expression; `:writeId` is the new id."""
WRITE_ID_NAMES = {"#writeId": WRITE_ID, "#earlierWriteId": EARLIER_WRITE_ID}


def new_write_id() -> str:
    """64 random bits: enough for one item and the time of a retry."""
    return os.urandom(8).hex()


def was_written_by(write_id: str, item: Mapping[str, Any] | None) -> bool:
    """Whether this write is the last one on the item, or the one before."""
    return item is not None and {"S": write_id} in (item.get(WRITE_ID), item.get(EARLIER_WRITE_ID))
