"""How far the architecture goes, in arithmetic: what leans on which limit at a rate of requests."""

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.economics.mix import MIX, WRITES
from scripts.economics.workload import Options, Usage, transitions_of_an_approval, usage
from services.adapters.dynamodb.shards import shard_of
from services.core.status import Status

QUOTAS = Path(__file__).with_name("scaling_quotas.json")

# Duration of calls at 512 MB, rounded up from scripts/economics/measured.json and the share of a processor.
CALL_SECONDS = 0.040
RELAY_CALL_SECONDS = 0.050
# Lambda polls an empty shard four times a second, and polls at once after a batch.
# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
POLL_SECONDS = 0.25
BATCH = 10
# A new on-demand table takes 4,000 writes a second, and so has four partitions, each a shard of the stream.
FIRST_SHARDS = 4
# Batches of reactions grow with traffic: as in scripts/economics/cost.py for much of it.
BUSY_BATCH = 8.0

BURST_FACTOR = 3
BURST_SECONDS = 60
GIVE_UP_SECONDS = 3600
MAX_FACTOR = 10

# The default of the variable api_throttling_rate_limit.
API_THROTTLE = 500.0

# Enough tasks to show how evenly a hash spreads them.
SPREAD = 10_000
# The busiest user's share of all tasks.
BUSY_USER = 0.01


@dataclass(frozen=True)
class HotKey:
    """The busiest key of a table or an index: the write units that it takes, and what relieves it."""

    name: str
    lift: str
    units: Callable[[Usage], float]


# Every table and index is here or in EVENLY_SPREAD.
HOT_KEYS = {
    "tasks_by_status_index": HotKey(
        "DynamoDB: the key `pending` of `by-status`",
        "`status_shards`: see below",
        lambda used: pending_writes(used.requests),
    ),
    "feed_table": HotKey(
        "DynamoDB: the key of the feed",
        "`feed_shards`: see below",
        lambda used: used.writes["feed_table"],
    ),
    "tasks_by_user_index": HotKey(
        "DynamoDB: a user with a hundredth of all tasks, in `by-user` of the tasks",
        "fewer tasks of one user",
        lambda used: BUSY_USER * used.writes["tasks_by_user_index"],
    ),
    "feed_by_user_index": HotKey(
        "DynamoDB: the same user in `by-user` of the feed",
        "fewer tasks of one user",
        lambda used: BUSY_USER * used.writes["feed_by_user_index"],
    ),
    "statistics_table": HotKey(
        "DynamoDB: the totals of the same user",
        "shards of the totals, added up when read",
        # A count is a transaction of two items, one of which is the user's.
        lambda used: BUSY_USER * used.writes["statistics_table"] / 2,
    ),
}
EVENLY_SPREAD = {
    "tasks_table": "a task has its own key",
    "approvals_table": "a task has its own key",
    "idempotency_table": "a request has its own key",
}

# Limits: the name, and how to raise it. The keys are those of the table of quotas, or …
LEANED_ON = {
    "api_throttle": ("API: the stage's own throttle", "`api_throttling_rate_limit`, `…_burst_limit`"),
    "api_requests": ("API Gateway: requests of an account", "quota"),
    "lambda_concurrency": (
        "Lambda: concurrent executions",
        "quota; `lambda_reserved_concurrency` shares it out",
    ),
    "dynamodb_new_table_writes": (
        "DynamoDB: a new table's writes",
        "by itself, doubling within half an hour; warm throughput beforehand",
    ),
    "dynamodb_table_writes": ("DynamoDB: a table's writes", "quota"),
    **{resource: (key.name, key.lift) for resource, key in HOT_KEYS.items()},
    "relay_shard": ("Relay: records of a shard", "`stream_parallelization_factor`"),
    "put_events": ("EventBridge: PutEvents", "quota; fuller batches"),
    "event_invocations": ("EventBridge: deliveries to queues", "quota"),
    "sqs_in_flight": ("SQS: messages of a queue in flight", "quota"),
    "sqs_readers": ("SQS: Lambda's readers of a queue", "fuller batches; rises by 300 a minute"),
    "sns_publishes": ("SNS: publishes", "quota"),
    "state_machine_starts": (
        "Step Functions: starts",
        "quota; what is refused five times is a dead letter, to redrive",
    ),
    "state_transitions": ("Step Functions: transitions", "quota"),
}
# … of a single key, whose limit is a partition's.
PARTITION = dict.fromkeys(HOT_KEYS, "dynamodb_partition_writes")


@dataclass(frozen=True)
class Stage:
    """How much of a limit is used at a rate of requests."""

    name: str
    needed: float
    limit: float
    lift: str

    @property
    def share(self) -> float:
        """1 is all there is."""
        return self.needed / self.limit


@dataclass(frozen=True)
class Lag:
    """How old events are when the relay has passed them on, in seconds; infinite if it never catches up."""

    steady: float
    worst: float
    caught_up: float


def limits() -> dict[str, float]:
    """The quotas, by their names in the table."""
    return {name: quota["limit"] for name, quota in json.loads(QUOTAS.read_text())["quotas"].items()}


def stages(rate: float) -> list[Stage]:
    """Everything that a rate of requests leans on, in its way; with the default quotas."""
    found = needs(rate)
    quota = limits() | {"api_throttle": API_THROTTLE, "relay_shard": relay_capacity(1)}
    return [
        Stage(name, found[what], quota[PARTITION.get(what, what)], lift)
        for what, (name, lift) in LEANED_ON.items()
    ]


def needs(rate: float) -> dict[str, float]:
    """What is wanted of each limit, by its name in the table of quotas."""
    batch = BUSY_BATCH if rate >= 100 else 1.0
    used = usage(rate, Options(batch=batch))
    reactions = {name: used.calls[name] for name in used.messages}
    reacting, busiest = sum(reactions.values()), max(reactions.values())
    starts = rate * MIX["approve"]
    return {
        "api_throttle": rate,
        "api_requests": rate,
        "lambda_concurrency": (sum(used.calls.values()) - reacting) * CALL_SECONDS
        + reacting * RELAY_CALL_SECONDS,
        "dynamodb_new_table_writes": max(used.writes.values()),
        "dynamodb_table_writes": max(used.writes.values()),
        **{resource: key.units(used) for resource, key in HOT_KEYS.items()},
        "relay_shard": records(rate) / shards(rate),
        "put_events": used.calls["relay"],
        "event_invocations": sum(used.messages.values()),
        "sqs_in_flight": busiest * batch * RELAY_CALL_SECONDS,
        "sqs_readers": busiest * RELAY_CALL_SECONDS,
        "sns_publishes": used.units["sns_publish"],
        "state_machine_starts": starts,
        "state_transitions": starts * transitions_of_an_approval(),
    }


def records(rate: float) -> float:
    """Records a second of the tasks table's stream: every write, and what expires."""
    return rate * _of_a_request().records["tasks_table"]


@cache
def _of_a_request() -> Usage:
    return usage(1.0, Options())


def pending_writes(rate: float) -> float:
    """Write units a second under the busiest key of by-status, `pending`."""
    return rate * status_units(Status.PENDING)


def status_units(status: Status) -> float:
    """Write units of a request under a status in by-status: entries added, changed and removed."""
    comes = sum(write.per_request for write in WRITES if write.after is status is not write.before)
    changes = sum(write.per_request for write in WRITES if write.after is status is write.before)
    # A deletion first writes its cause.
    noted = sum(write.per_request for write in WRITES if write.before is status and write.deletes)
    # In the long run every task is removed. Expiry itself is free, but its time is written to the task.
    return 2 * comes + changes + noted


def shards(rate: float) -> int:
    """Partitions of the tasks table, and so shards of its stream, once it has grown to that rate."""
    writes = rate * _of_a_request().writes["tasks_table"]
    return max(FIRST_SHARDS, math.ceil(writes / limits()["dynamodb_partition_writes"]))


def relay_capacity(factor: int) -> float:
    """Records a second that the relay can take off a shard."""
    return factor * BATCH / RELAY_CALL_SECONDS


def factor_needed(rate: float) -> int:
    """The parallelization factor that keeps up with three times the rate, as far as there is one."""
    wanted = BURST_FACTOR * records(rate) / shards(rate)
    return min(MAX_FACTOR, max(1, math.ceil(wanted / relay_capacity(1))))


def relay_lag(rate: float, factor: int) -> Lag:
    """One shard through a minute of three times the rate, and until it has caught up.

    In steps of a poll: what arrives waits, each lane takes batches one after the other, in order.
    """
    arriving = records(rate) / shards(rate)
    capacity = relay_capacity(factor)
    steady = POLL_SECONDS + RELAY_CALL_SECONDS
    if arriving > capacity:
        return Lag(math.inf, math.inf, math.inf)
    waiting, worst, second = 0.0, steady, 0.0
    while second < BURST_SECONDS + GIVE_UP_SECONDS:
        bursting = second < BURST_SECONDS
        waiting += arriving * (BURST_FACTOR if bursting else 1) * POLL_SECONDS
        waiting = max(0.0, waiting - capacity * POLL_SECONDS)
        worst = max(worst, steady + waiting / capacity)
        second += POLL_SECONDS
        if not bursting and waiting == 0:
            return Lag(steady, worst, second - BURST_SECONDS)
    return Lag(steady, worst, math.inf)


@cache
def busiest_shard(items: int, number: int) -> float:
    """The share of the busiest of so many shards, when items are spread by a hash of their ids."""
    counts = Counter(shard_of(f"item-{item}", number) for item in range(items))
    return max(counts.values()) / items


def feed_writes(rate: float) -> float:
    """Write units a second of the feed: one for each event."""
    return rate * _of_a_request().writes["feed_table"]


def shards_needed(writes: float) -> int:
    """Shards with which the busiest stays within what a partition takes, for so many writes a second."""
    limit = limits()["dynamodb_partition_writes"]
    needed = max(1, math.ceil(writes / limit))
    while writes * busiest_shard(SPREAD, needed) > limit:
        needed += 1
    return needed


def rate_with(number: int, writes_of_a_request: float) -> float:
    """Requests a second with which the busiest of so many shards has all that a partition takes."""
    return limits()["dynamodb_partition_writes"] / (writes_of_a_request * busiest_shard(SPREAD, number))
