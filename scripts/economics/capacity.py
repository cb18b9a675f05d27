"""How far the architecture goes, in arithmetic: what leans on which limit at a rate of requests."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scripts.economics.workload import MIX, Options, transitions_of_an_approval, usage
from services.adapters.dynamodb.shards import shard_of

QUOTAS = Path(__file__).with_name("scaling_quotas.json")

# What calls take at 512 MB, rounded up from scripts/economics/measured.json and the share of a processor.
CALL_SECONDS = 0.040
RELAY_CALL_SECONDS = 0.050
# Lambda looks at a shard four times a second when it is empty, and at once after a batch.
# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
POLL_SECONDS = 0.25
BATCH = 10
# A new on-demand table takes 4,000 writes a second, and so has four partitions, each a shard of the stream.
FIRST_SHARDS = 4
# Reactions find fuller batches, the more there is: what scripts/economics/cost.py takes for much traffic.
BUSY_BATCH = 8.0

BURST_FACTOR = 3
BURST_SECONDS = 60
GIVE_UP_SECONDS = 3600
MAX_FACTOR = 10

# The default of the variable api_throttling_rate_limit.
API_THROTTLE = 500.0

# As many tasks as show how evenly a hash spreads them.
SPREAD = 10_000

# What is leaned on: its name, and what lifts it. The keys are those of the table of quotas, or …
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
    "pending": ("DynamoDB: the key `pending` of `by-status`", "`status_shards`: see below"),
    "totals": (
        "DynamoDB: the totals of a user with a hundredth of all tasks",
        "shards of the totals, added up when read",
    ),
    "relay_shard": ("Relay: records of a shard", "`stream_parallelization_factor`"),
    "put_events": ("EventBridge: PutEvents", "quota; fuller batches"),
    "event_invocations": ("EventBridge: deliveries to queues", "quota"),
    "sqs_in_flight": ("SQS: messages of a queue in flight", "quota"),
    "sqs_readers": ("SQS: Lambda's readers of a queue", "fuller batches; rises by 300 a minute"),
    "sns_publishes": ("SNS: publishes", "quota"),
    "state_machine_starts": (
        "Step Functions: starts",
        "quota; what is refused thrice is a dead letter, to redrive",
    ),
    "state_transitions": ("Step Functions: transitions", "quota"),
}
# … a single key's, which has what a partition has.
PARTITION = dict.fromkeys(("pending", "totals"), "dynamodb_partition_writes")


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
    reactions = {name: calls for name, calls in used.calls.items() if name.startswith("on_")}
    reacting, busiest = sum(reactions.values()), max(reactions.values())
    starts = rate * MIX["approve"]
    return {
        "api_throttle": rate,
        "api_requests": rate,
        "lambda_concurrency": (sum(used.calls.values()) - reacting) * CALL_SECONDS
        + reacting * RELAY_CALL_SECONDS,
        "dynamodb_new_table_writes": records(rate),
        "dynamodb_table_writes": records(rate),
        "pending": pending_writes(rate),
        # A count is a transaction, which costs double.
        "totals": 2 * rate * MIX["create"] / 100,
        "relay_shard": records(rate) / shards(rate),
        "put_events": used.calls["relay"],
        "event_invocations": used.units["event"] - starts,
        "sqs_in_flight": busiest * batch * RELAY_CALL_SECONDS,
        "sqs_readers": busiest * RELAY_CALL_SECONDS,
        "sns_publishes": used.units["sns_publish"],
        "state_machine_starts": starts,
        "state_transitions": starts * transitions_of_an_approval(),
    }


def records(rate: float) -> float:
    """Writes to the tasks table a second, each a record of its stream."""
    return rate * (MIX["create"] + MIX["update"] + 2 * MIX["complete"] + 2 * MIX["delete"] + MIX["approve"])


def pending_writes(rate: float) -> float:
    """Write units a second under the key `pending` of by-status: what comes, changes there, and goes."""
    comes = rate * (MIX["create"] - MIX["approve"])
    # In the long run what comes also goes, to another status or altogether.
    return 2 * comes


def shards(rate: float) -> int:
    """Partitions of the tasks table, and so shards of its stream, once it has grown to that rate."""
    return max(FIRST_SHARDS, math.ceil(records(rate) / limits()["dynamodb_partition_writes"]))


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


def busiest_shard(tasks: int, status_shards: int) -> float:
    """The share of the busiest of so many shards, when tasks are spread by a hash of their ids."""
    counts = Counter(shard_of(f"task-{number}", status_shards) for number in range(tasks))
    return max(counts.values()) / tasks


def status_shards_needed(rate: float) -> int:
    """Shards of a status with which the busiest stays within what a partition takes."""
    limit = limits()["dynamodb_partition_writes"]
    needed = max(1, math.ceil(pending_writes(rate) / limit))
    while pending_writes(rate) * busiest_shard(SPREAD, needed) > limit:
        needed += 1
    return needed


def rate_with(status_shards: int) -> float:
    """Requests a second with which the busiest shard of `pending` has all that a partition takes."""
    return limits()["dynamodb_partition_writes"] / (pending_writes(1) * busiest_shard(SPREAD, status_shards))
