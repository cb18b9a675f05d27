"""Queues, on SQS."""

import json
from collections.abc import Mapping
from typing import Any

from services.adapters.aws import transient_failures

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: 1 MiB.
# A stream record is at most two items of 400 KB, so a parked record always fits.
_MAX_REASON = 1000


class DeadLetterQueue:
    """Where work is parked that cannot be done."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        """Keeps a record, whole, with the reason. May raise ServiceUnavailable."""
        with transient_failures("SQS"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=json.dumps(record),
                MessageAttributes={
                    "reason": {"DataType": "String", "StringValue": reason[:_MAX_REASON] or "unknown"}
                },
            )
