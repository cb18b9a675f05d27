"""JSON documents, on S3: completed tasks, and records that are too large for a queue."""

from typing import Any

from services.adapters.aws import transient_failures


class JsonBucket:
    """An Archive in a bucket."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def keep(self, key: str, content: str) -> None:
        """See Archive. Overwrites what is there."""
        with transient_failures("S3"):
            self._client.put_object(
                Bucket=self._name, Key=key, Body=content.encode(), ContentType="application/json"
            )
