"""Queues, on SQS."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.adapters.aws import error_code, transient_failures
from services.adapters.s3 import JsonBucket

# A message with its attributes has at most this many bytes: `max_message_size` in infra/modules/stream.
# A queue may ask for 1 MiB since August 2025; a record of two large items is larger still.
MAX_BYTES = 256 * 1024
MAX_REASON = 1000
# The attribute: its name, its type and the reason.
_ATTRIBUTE_BYTES = len("reason" + "String") + MAX_REASON

# Where records too large for a message are kept; infra/archive.tf expires them.
PREFIX = "parked/"
# How much of such a record is in the message: a stream record begins with the key of its item.
_BEGINNING = 4000


class DeadLetterQueue:
    """Parking in a queue. A record too large for a message goes into a bucket; the message has its key."""

    def __init__(self, client: Any, url: str, too_large: Callable[[], JsonBucket]) -> None:
        self._client = client
        self._url = url
        self._too_large = too_large

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        """See Parking."""
        body = json.dumps(record)  # in ASCII: as many bytes as characters
        if len(body) + _ATTRIBUTE_BYTES > MAX_BYTES:
            body, note = self._beginning_of(body)
            reason = f"{note}; {reason}"
        with transient_failures("SQS"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageAttributes={"reason": {"DataType": "String", "StringValue": _attribute(reason)}},
            )

    def _beginning_of(self, body: str) -> tuple[str, str]:
        """The message that stands for a record which is too large, and a note on where the record is.

        Where the bucket refuses it for good, the message still goes out: records behind it must not wait.
        """
        key: str | None = f"{PREFIX}{hashlib.sha256(body.encode()).hexdigest()}.json"
        note = f"{len(body)} bytes, kept whole in the bucket"
        try:
            self._too_large().keep(str(key), body)
        except ClientError as error:
            key, note = None, f"{len(body)} bytes, not kept whole: S3 refused it ({error_code(error)})"
        return json.dumps({"wholeRecord": key, "bytes": len(body), "beginning": body[:_BEGINNING]}), note


def _attribute(text: str) -> str:
    """Text that SQS takes as the value of an attribute: ASCII without controls, not empty, not too long."""
    ascii_text = text.encode("ascii", "backslashreplace").decode()
    plain = "".join(character if character.isprintable() else " " for character in ascii_text)
    return plain[:MAX_REASON] or "unknown"
