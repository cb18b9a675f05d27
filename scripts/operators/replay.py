"""`make replay FROM=time [TO=time] [CONSUMER=queue] [WAIT=0]`: publish archived events of that time again.

Consumers are idempotent by the event's id, so one that was already handled changes nothing.
"""

import math
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.base import waiting
from scripts.base.failure import Failure
from scripts.base.local_account import LOCAL_ACCOUNT
from scripts.base.loopback import is_loopback
from scripts.base.progress import Steps, Update
from scripts.deployments.target import Target, chosen_target
from scripts.operators.queues import rule_of

STALLED_SECONDS = 3600.0
POLL_SECONDS = 1.0
GOING_ON = ("STARTING", "RUNNING")
# "We recommend you delay replaying archived events for 10 minutes to make sure all events are replayed."
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
ARCHIVE_DELAY = timedelta(minutes=10)
MAY_MISS = "WAIT=0: events of the last ten minutes may be missing, because the archive is that far behind."


def start(
    target: Target, since: datetime, until: datetime, consumer: str | None = None, *, rule: str | None = None
) -> str:
    """Start the replay of what the archive has of that time, and give its name.

    To one consumer, or to the rule with this ARN, or to all that listen.
    """
    if since >= until:
        raise Failure("FROM must be before TO")
    events, bus = target.client("events"), target.outputs["event_bus_name"]
    destination: dict[str, Any] = {"Arn": events.describe_event_bus(Name=bus)["Arn"]}
    if consumer:
        rule = events.describe_rule(Name=rule_of(target.outputs, consumer, "CONSUMER"), EventBusName=bus)[
            "Arn"
        ]
    if rule:
        destination["FilterArns"] = [rule]
    name = f"{bus[:40]}-{uuid.uuid4().hex[:12]}"
    events.start_replay(
        ReplayName=name,
        # The archive has the name of its bus.
        EventSourceArn=events.describe_archive(ArchiveName=bus)["ArchiveArn"],
        EventStartTime=since,
        EventEndTime=until,
        Destination=destination,
    )
    return name


def is_local(target: Target) -> bool:
    """Whether the deployment is on a local cloud, of this machine or another."""
    outputs = target.outputs
    return is_loopback(outputs["api_url"]) or f":{LOCAL_ACCOUNT}:" in outputs.get("kms_key_arn", "")


def await_archive(
    target: Target,
    until: datetime,
    report: Update = lambda _: None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    clock: waiting.Clock = waiting.SYSTEM_CLOCK,
) -> None:
    """Return when the archive holds all events up to this time. Those of local clouds always do."""
    if is_local(target):
        return

    def left() -> float:
        seconds = (until + ARCHIVE_DELAY - now()).total_seconds()
        if seconds > 0:
            report(f"{seconds:.0f} s until the archive is complete up to {until:%H:%M:%S} UTC")
        return seconds

    waiting.until(left, lambda seconds: seconds <= 0, seconds=left(), poll=POLL_SECONDS, clock=clock)


class Replay:
    """A replay that was started. It has no time limit as long as it makes progress."""

    def __init__(self, target: Target, name: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._events = target.client("events")
        self._name = name
        self._now = now
        self._place = ""
        self._since = self._looked = now() - POLL_SECONDS

    def is_over(self, report: Update = lambda _: None) -> bool:
        """Whether it has completed; a Failure if it fails, or makes no progress for an hour."""
        if self._now() - self._looked < POLL_SECONDS:  # AWS throttles frequent calls
            return False
        self._looked = self._now()
        seen = self._events.describe_replay(ReplayName=self._name)
        if seen["State"] == "COMPLETED":
            return True
        place = str(seen.get("EventLastReplayedTime", seen["State"].lower()))
        if place != self._place:
            self._place, self._since = place, self._now()
        stalled = self._now() - self._since > STALLED_SECONDS
        if seen["State"] not in GOING_ON or stalled:
            reason = seen.get(
                "StateReason", f"no progress beyond {place} for an hour" if stalled else "no reason given"
            )
            raise Failure(f"the replay {self._name} is {seen['State']}: {reason}")
        report(place)
        return False


def await_end(target: Target, name: str, report: Update = lambda _: None) -> None:
    """Return when the replay is through; a Failure if it fails, or gets no further."""
    replay = Replay(target, name)
    waiting.until(lambda: replay.is_over(report), seconds=math.inf, poll=POLL_SECONDS)


def replay(
    since: datetime,
    until: datetime | None = None,
    consumer: str | None = None,
    environment: str = "",
    *,
    wait: bool = True,
) -> None:
    """`make replay`: deliver the archived events of that time again, to one consumer or to all."""
    steps = Steps()
    span = since, until or datetime.now(UTC)
    target = chosen_target(environment, change=f"Replays events to {consumer or 'every consumer'}")
    if not wait:
        steps.say(MAY_MISS)
    else:
        with steps.step("Archive") as update:
            await_archive(target, span[1], update)
    with steps.step(f"Replay to {consumer or 'every consumer'}") as update:
        await_end(target, start(target, *span, consumer), update)
