"""A message that no function can read. On AWS it is a dead letter after minutes, so it is sent first."""

import json
import time
from dataclasses import dataclass
from uuid import uuid4

from scripts.operators.verification.run import Run

# Nothing depends on the feed: it may be late.
POISONED = "feed"


@dataclass(frozen=True)
class Poison:
    """The message: a text that it alone holds, and when it was sent (monotonic)."""

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
