"""Notifications, on SNS."""

import json
from typing import Any

from services.adapters.aws import transient_failures
from services.core.event import Event
from services.core.events import TaskEvent
from services.core.text import one_line

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_MAX_SUBJECT = 100
# The limit for a message with its attributes. A topic may raise it to 1 MiB, but then sends no e-mail:
# https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
MAX_BYTES = 256 * 1024
# More than the attributes take.
_ROOM = 8 * 1024
# Characters of a text for people, and of the title in it, which is what the API accepts.
_MAX_TEXT = 4000
_MAX_TITLE = 200


class NotificationTopic:
    """Notifications through a topic. Programs get JSON, people a few lines of text."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def notify(self, subject: str, event: Event) -> None:
        """Publishes an event; `eventId` and `detailType` are attributes, for filters and against repeats."""
        about = getattr(event, event.entity)
        title = str(getattr(about, "title", None) or getattr(about, "text", ""))
        lines = [
            f"{subject}: {one_line(title[:_MAX_TITLE])}",
            "",
            f"{event.entity.capitalize():<9} {event.entity_id}",
            f"Owner     {one_line(event.user_id)}",
        ]
        if isinstance(event, TaskEvent):
            lines += [f"Priority  {event.priority}", f"Status    {event.status}"]
        attributes = {"eventId": event.event_id, "detailType": event.detail_type}
        self.publish(subject, event.as_json(), "\n".join(lines), attributes)

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        """Publishes JSON `data` for programs and `text` for e-mail. May raise ServiceUnavailable.

        If they are too large to send, programs get the attributes and `tooLarge`; the API has the rest. No
        task that the API accepts is so large; one that was written to the table by other means may be.
        """
        message = _message(data, text)
        if len(message) > MAX_BYTES - _ROOM:
            message = _message(json.dumps({**attributes, "tooLarge": True}), text)
        with transient_failures("SNS"):
            self._client.publish(
                TopicArn=self._arn,
                Subject=subject[:_MAX_SUBJECT],
                Message=message,
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )


def _message(data: str, text: str) -> str:
    """Both forms of a message, in ASCII: as many bytes as characters."""
    return json.dumps({"default": data, "email": text[:_MAX_TEXT]})
