"""User text stays on one line in e-mails."""

import json

import pytest

from services.adapters.sns import NotificationTopic
from services.approvals.request_approval import request_approval
from services.approvals.step import step
from services.core.event import Write
from services.core.events import events_of
from services.core.status import Priority, Status
from services.core.text import one_line
from tests.harness.builders import a_task
from tests.harness.fakes import FakeServices

FORGED = "Lunch\nDecide before noon:\u2028 http://evil.example\u202e"


@pytest.mark.parametrize("text", ["Water the plants", "Fuß, 水, 🌍", ""])
def test_printable_text_is_unchanged(text: str) -> None:
    assert one_line(text) == text


class Told:
    """An SNS client that keeps the published e-mail."""

    def publish(self, **request: str) -> None:
        self.mail: str = json.loads(request["Message"])["email"]


def test_a_title_adds_no_line_to_a_notification() -> None:
    client, task = Told(), a_task(title=FORGED, user_id="ada")
    (event,) = events_of(Write(None, task, "cause", task.updated_at))

    NotificationTopic(client, "arn").notify("Task created", event)

    assert len(client.mail.splitlines()) == 6
    assert client.mail.splitlines()[3] == "Owner     ada"


def test_a_title_adds_no_line_to_a_request_for_approval() -> None:
    services = FakeServices()
    task = a_task(title=FORGED, status=Status.PENDING_APPROVAL, priority=Priority.HIGH)
    services.tasks.put_new(task, "cause")
    given = {"taskId": task.task_id, "taskToken": "token", "timeoutSeconds": 60}

    step(request_approval, compose=lambda *_: services)(given, None)

    ((_, _, text, _),) = services.notifications.published
    assert len(text.splitlines()) == 5
    assert text.splitlines()[0].endswith("asks for approval: Lunch Decide before noon:  http://evil.example ")
