"""The archive of completed tasks, on S3."""

from typing import Any

from services.adapters.aws import transient_failures


class Bucket:
    """A bucket of JSON objects."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def keep(self, key: str, content: str) -> None:
        """Stores JSON under a key, over what is there. May raise ServiceUnavailable."""
        with transient_failures("S3"):
            self._client.put_object(
                Bucket=self._name, Key=key, Body=content.encode(), ContentType="application/json"
            )
