"""Shards: partition keys that one busy key is spread over, by a hash of what is written.

A partition takes 1,000 writes a second, and every new task comes under `pending`, every event into the feed.
The variables `status_shards` and `feed_shards` set how many shards each has. The shard is on the item: items
written when there were fewer lie in a lower shard, which readers of more shards read as well, so a number may
rise at any time. After it is lowered, items in the shards above it are in no list (docs/scaling.md).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zlib import crc32

STATUS_SHARD = "statusShard"
"""The attribute of a task's item. Nothing outside the table has it: neither events nor answers."""

SIDE_BY_SIDE = 10
"""Partitions that are read at the same time: as many as a client keeps connections."""

Item = dict[str, Any]


def shard_of(written_id: str, shards: int) -> int:
    """The shard of a task or an event: from 0, below `shards`, and the same in every process."""
    return crc32(written_id.encode()) % shards


def status_shard(status: str, task_id: str, shards: int) -> str:
    """The key that a task in this status is written under."""
    return f"{status}#{shard_of(task_id, shards)}"


def shards_of(status: str, shards: int) -> list[str]:
    """All keys that tasks in this status may lie under."""
    return [f"{status}#{shard}" for shard in range(shards)]


def feed_shard(shard: int) -> str:
    """The key of a shard of the feed. The first one is the key that the feed had before there were shards."""
    return f"tasks#{shard}" if shard else "tasks"


def read_each(
    read: Callable[[str], list[Item]], partitions: Sequence[str], shards: int
) -> Iterator[list[Item]]:
    """What `read` gives of each partition, in their order; side by side where there are shards."""
    if shards == 1:
        yield from map(read, partitions)
        return
    # Imported only where it is needed: the import is a good part of a function's start.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(partitions), SIDE_BY_SIDE)) as readers:
        yield from readers.map(read, partitions)
