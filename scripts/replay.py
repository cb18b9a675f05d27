"""`make replay FROM=time [TO=time] [CONSUMER=queue]`: the bus says the events of that time again.

Every consumer knows an event by its id, so one that it had already changes nothing.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scripts.arguments import options
from scripts.failure import Failure, run_command
from scripts.steps import Steps, Update
from scripts.target import Target, chosen_target

LIMIT_SECONDS = 3600.0
POLL_SECONDS = 1.0
GOING_ON = ("STARTING", "RUNNING")


def moment(name: str, text: str) -> datetime:
    """A time as ISO 8601 has it; without a zone it is UTC's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{name}={text!r} is no time: write it as 2026-01-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rule_of(outputs: Mapping[str, Any], consumer: str) -> str:
    """The rule that feeds a consumer's queue: it has the queue's name."""
    queues: dict[str, str] = outputs["queue_urls"]
    if consumer not in queues:
        raise Failure(f"there is no queue {consumer!r}: CONSUMER is one of {', '.join(sorted(queues))}")
    return queues[consumer].rpartition("/")[2]


def start(
    target: Target, since: datetime, until: datetime, consumer: str | None = None, *, rule: str | None = None
) -> str:
    """Start the replay of what the archive has of that time, and give its name.

    To one consumer, or to the rule with this ARN, or to all that listen.
    """
    if since >= until:
        raise Failure("FROM must lie before TO")
    events, bus = target.client("events"), target.outputs["event_bus_name"]
    destination: dict[str, Any] = {"Arn": events.describe_event_bus(Name=bus)["Arn"]}
    if consumer:
        rule = events.describe_rule(Name=rule_of(target.outputs, consumer), EventBusName=bus)["Arn"]
    if rule:
        destination["FilterArns"] = [rule]
    name = f"{bus[:40]}-{uuid.uuid4().hex[:12]}"
    events.start_replay(
        ReplayName=name,
        # The archive is called as its bus.
        EventSourceArn=events.describe_archive(ArchiveName=bus)["ArchiveArn"],
        EventStartTime=since,
        EventEndTime=until,
        Destination=destination,
    )
    return name


def await_end(target: Target, name: str, report: Update = lambda _: None) -> None:
    """Return when the replay is through; a Failure if it fails, or takes longer than an hour."""
    end = time.monotonic() + LIMIT_SECONDS
    while True:
        seen = target.client("events").describe_replay(ReplayName=name)
        if seen["State"] == "COMPLETED":
            return
        if seen["State"] not in GOING_ON or time.monotonic() > end:
            raise Failure(
                f"the replay {name} is {seen['State']}: {seen.get('StateReason', 'no reason given')}"
            )
        report(str(seen.get("EventLastReplayedTime", seen["State"].lower())))
        time.sleep(POLL_SECONDS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay what FROM, TO and CONSUMER say."""
    asked = options(__doc__, "env", "from", "to", "consumer", arguments=arguments)
    if not (since := asked["from"]):
        raise Failure("say since when: make replay FROM=2026-01-31T12:00:00Z [TO=time] [CONSUMER=queue]")
    consumer = asked["consumer"] or None
    steps = Steps()
    span = moment("FROM", since), moment("TO", asked["to"]) if asked["to"] else datetime.now(UTC)
    target = chosen_target(asked["env"], change=f"Replays events to {consumer or 'every consumer'}")
    with steps.step(f"Replay to {consumer or 'every consumer'}") as update:
        await_end(target, start(target, *span, consumer), update)


if __name__ == "__main__":
    run_command(main)
