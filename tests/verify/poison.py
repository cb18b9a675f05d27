"""An unreadable message. On AWS it takes minutes to become a dead letter, so it is sent first."""

import json
import time
from dataclasses import dataclass
from uuid import uuid4

from scripts.operators.verification.run import Run

# Nothing depends on the feed, so its queue may be delayed.
POISONED = "feed"


@dataclass(frozen=True)
class Poison:
    """The message: a text that no other message holds, and when it was sent (monotonic clock)."""

    marker: str
    sent: float


def poisoned(run: Run) -> Poison:
    """Send it to a queue."""
    marker = f"verify-{uuid4().hex[:12]}"
    run.made.message(POISONED, marker)
    run.target.client("sqs").send_message(
        QueueUrl=run.target.outputs["queue_urls"][POISONED], MessageBody=json.dumps({"poison": marker})
    )
    return Poison(marker, time.monotonic())
