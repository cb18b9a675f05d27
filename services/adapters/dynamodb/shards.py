"""Which shard of its status a task lies in: the partition key of the index `by-status`.

A partition takes 1,000 writes a second, and every new task comes under `pending`: a hash of the task's id
spreads a status over as many partitions as the variable `status_shards` says. The shard is on the item: what
was written when there were fewer lies in a lower one, where readers of more look as well, so the number may
rise at any time. Where it sinks, what lies in the shards above is in no list (docs/scaling.md).
"""

from zlib import crc32

STATUS_SHARD = "statusShard"
"""The attribute of a task's item. Nothing outside the table has it: neither events nor answers."""


def shard_of(task_id: str, shards: int) -> int:
    """The shard of a task: from 0, below `shards`, and the same in every process."""
    return crc32(task_id.encode()) % shards


def status_shard(status: str, task_id: str, shards: int) -> str:
    """The key that a task in this status is written under."""
    return f"{status}#{shard_of(task_id, shards)}"


def shards_of(status: str, shards: int) -> list[str]:
    """All keys that tasks in this status may lie under."""
    return [f"{status}#{shard}" for shard in range(shards)]
