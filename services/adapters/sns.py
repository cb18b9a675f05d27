"""Notifications, on SNS."""

import json
from typing import Any

from services.adapters.aws import transient_failures
from services.core.events import TaskEvent
from services.core.text import one_line

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_MAX_SUBJECT = 100


class Topic:
    """An SNS topic. Programs get JSON, people a few lines of text."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def tell(self, subject: str, event: TaskEvent) -> None:
        """Publishes an event; `eventId` and `detailType` are attributes, for filters and against repeats."""
        lines = [
            f"{subject}: {one_line(event.task.title)}",
            "",
            f"Task      {event.task_id}",
            f"Owner     {one_line(event.user_id)}",
            f"Priority  {event.priority}",
            f"Status    {event.status}",
        ]
        attributes = {"eventId": event.event_id, "detailType": event.detail_type}
        self.publish(subject, event.as_json(), "\n".join(lines), attributes)

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        """Publishes JSON `data` for programs and `text` for e-mail. May raise ServiceUnavailable."""
        with transient_failures("SNS"):
            self._client.publish(
                TopicArn=self._arn,
                Subject=subject[:_MAX_SUBJECT],
                Message=json.dumps({"default": data, "email": text}),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
