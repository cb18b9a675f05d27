"""Today's functions serve, change and relay the items that earlier releases wrote."""

from typing import Any

import pytest

from scripts.documents.frozen_forms import forms
from scripts.operators.deliveries import TASKS, record_of
from services.approvals.deliver_decision import deliver_decision
from services.relay.relay import relay
from services.streams import stream
from tests.harness.fakes import FakeServices
from tests.harness.gateway import gateway_client
from tests.unit.adapters.small_dynamodb import SmallDynamoDB
from tests.unit.frozen.conftest import Item, frozen

PLANTS, CERTIFICATE = (f"0198c1d2-7b3e-7a1f-8c2d-00000000000{number}" for number in (1, 2))
CREATED = {
    "taskId": PLANTS,
    "title": "Water the plants",
    "description": "Twice a week.",
    "priority": "medium",
    "status": "pending",
    "userId": "ada",
    "tags": ["home", "grün"],
    "createdAt": "2026-01-31T12:00:00.000Z",
    "updatedAt": "2026-01-31T12:00:00.000Z",
    "version": 1,
}
CHANGED = CREATED | {
    "title": "Water all plants",
    "status": "in_progress",
    "updatedAt": "2026-01-31T12:01:00.000Z",
    "version": 2,
}
COMPLETED = CHANGED | {"status": "completed", "updatedAt": "2026-01-31T12:02:00.000Z", "version": 3}
WAITING = CREATED | {
    "taskId": CERTIFICATE,
    "title": "Renew the certificate",
    "description": "",
    "priority": "high",
    "status": "pending_approval",
    "tags": ["ops"],
}
DECISION = {
    "decision": "approve",
    "approver": "grace",
    "reason": "It expires on Monday.",
    "decidedAt": "2026-01-31T12:05:00.000Z",
}
APPROVED_BEFORE_VERSIONS = WAITING | {
    "status": "approved",
    "updatedAt": "2026-01-31T12:06:00.000Z",
    "version": 2,
    "approval": DECISION,
}
APPROVED = APPROVED_BEFORE_VERSIONS | {"approval": DECISION | {"taskVersion": 1}}

SHOWN: dict[str, dict[str, Any]] = {
    "created": CREATED,
    "created-without-shard": CREATED,
    "created-without-write-id": CREATED,
    "changed": CHANGED,
    "completed": COMPLETED,
    "completed-without-shard": COMPLETED,
    "completed-without-write-id": COMPLETED,
    "waiting-for-approval": WAITING,
    "approved": APPROVED,
    "approved-without-task-version": APPROVED_BEFORE_VERSIONS,
}
"""Form of a task's item → the task as the API shows it."""


def relayed(services: FakeServices, old: Item | None, new: Item | None) -> list[str]:
    """The types of the events that a write of these images gives."""
    images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
    record = record_of(images | {"ApproximateCreationDateTime": 1777723320.0}, "MODIFY", TASKS)
    stream(relay, compose=lambda *_: services)({"Records": [record]}, None)
    assert services.parking.records == []
    return [event.detail_type for event in services.bus.events]


def test_each_form_of_a_task_has_its_expectation_here() -> None:
    assert forms("tasks").keys() == SHOWN.keys()


@pytest.mark.parametrize("name", SHOWN)
class TestTask:
    def test_is_shown_as_it_was_written(
        self, name: str, services: FakeServices, tables: SmallDynamoDB
    ) -> None:
        tables.put("tasks", frozen("tasks", name))

        with gateway_client(services) as api:
            answer = api.get(f"/tasks/{SHOWN[name]['taskId']}")

        assert (answer.status_code, answer.json()) == (200, SHOWN[name])

    def test_can_be_changed(self, name: str, services: FakeServices, tables: SmallDynamoDB) -> None:
        before = frozen("tasks", name)
        tables.put("tasks", before)

        with gateway_client(services) as api:
            changed = api.put(f"/tasks/{SHOWN[name]['taskId']}", json={"tags": ["later"]})

        (after,) = tables.tables["tasks"].values()
        assert (changed.status_code, changed.json()["tags"]) == (200, ["later"])
        assert after["version"] == {"N": str(SHOWN[name]["version"] + 1)}
        assert after["statusShard"] == {"S": f"{SHOWN[name]['status']}#0"}
        assert after.get("expiresAt") == before.get("expiresAt")

    def test_can_be_deleted(self, name: str, services: FakeServices, tables: SmallDynamoDB) -> None:
        tables.put("tasks", frozen("tasks", name))

        with gateway_client(services) as api:
            answer = api.delete(f"/tasks/{SHOWN[name]['taskId']}")

        assert answer.status_code == 204
        assert tables.tables["tasks"] == {}

    def test_is_relayed_when_it_is_removed(self, name: str, services: FakeServices) -> None:
        item = frozen("tasks", name)

        assert relayed(services, item, None) == ["TaskDeleted"]
        (event,) = services.bus.events
        assert event.task.as_document() == SHOWN[name]
        assert event.correlation_id == item["correlationId"]["S"]


def test_a_task_of_an_earlier_release_is_relayed_when_todays_code_changes_it(services: FakeServices) -> None:
    before, after = frozen("tasks", "created-without-shard"), frozen("tasks", "changed")

    assert relayed(services, before, after) == ["TaskUpdated"]
    assert sorted(services.bus.events[0].changes) == ["status", "title"]


@pytest.mark.parametrize(
    ("name", "event", "of_version"),
    [
        ("insert", "TaskCreated", 1),
        ("modify", "TaskUpdated", 2),
        ("remove", "TaskDeleted", 2),
        ("remove-by-time-to-live", "TaskExpired", 4),
    ],
)
def test_a_parked_stream_record_is_relayed(
    name: str, event: str, of_version: int, services: FakeServices
) -> None:
    stream(relay, compose=lambda *_: services)({"Records": [frozen("stream", name)]}, None)

    assert [(each.detail_type, each.version) for each in services.bus.events] == [(event, of_version)]
    assert services.parking.records == []


def test_a_key_that_an_earlier_release_recorded_gives_its_first_answer(
    services: FakeServices, tables: SmallDynamoDB
) -> None:
    """A default that is added to NewTask would change the fingerprint of the same request."""
    tables.put("idempotency", frozen("idempotency", "created"))
    body = {name: CREATED[name] for name in ("title", "description", "userId", "tags")}

    with gateway_client(services) as api:
        again = api.post("/tasks", json=body, headers={"Idempotency-Key": "order-7"})
        other = api.post("/tasks", json=body | {"title": "x"}, headers={"Idempotency-Key": "order-7"})

    assert (again.status_code, again.json()) == (201, CREATED)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("name", "delivered"),
    [
        ("waiting", None),
        ("waiting-without-task-version", None),
        ("decided-before-the-wait", None),
        ("cancelled", None),
        ("decided", DECISION | {"taskVersion": 1}),
        ("decided-without-task-version", DECISION),
    ],
)
def test_a_verdict_is_delivered_once_a_workflow_waits_for_it(
    name: str, delivered: dict[str, Any] | None, services: FakeServices
) -> None:
    record = {"dynamodb": {"NewImage": frozen("approvals", name)}}

    stream(deliver_decision, compose=lambda *_: services)({"Records": [record]}, None)

    verdicts = [verdict.approval for verdict in services.workflow.delivered.values()]
    shown = [approval.model_dump(mode="json", by_alias=True) for approval in verdicts if approval]
    assert shown == ([delivered] if delivered else [])


@pytest.mark.parametrize("name", ["decided", "decided-without-task-version"])
def test_a_second_decision_is_refused_after_one_of_an_earlier_release(
    name: str, services: FakeServices, tables: SmallDynamoDB
) -> None:
    tables.put("tasks", frozen("tasks", "waiting-for-approval"))
    tables.put("approvals", frozen("approvals", name))

    with gateway_client(services) as api:
        answer = api.post(f"/tasks/{CERTIFICATE}/approval", json={"decision": "reject", "approver": "eve"})

    assert (answer.status_code, "grace" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize("name", ["waiting", "waiting-without-task-version"])
def test_the_deadline_of_a_wait_is_read(name: str, services: FakeServices, tables: SmallDynamoDB) -> None:
    tables.put("approvals", frozen("approvals", name))

    assert services.approvals.deadline(CERTIFICATE) == "2026-02-01T12:01:00.000Z"


def test_entries_of_the_feed_are_listed(services: FakeServices, tables: SmallDynamoDB) -> None:
    for name in ("created", "updated", "deleted"):
        tables.put("feed", frozen("feed", name))

    with gateway_client(services) as api:
        entries = api.get("/events").json()["events"]
        of_ada = api.get("/events", params={"userId": "ada"}).json()["events"]

    shown = [(entry["detailType"], entry.get("latencyMilliseconds"), entry["changed"]) for entry in entries]
    assert shown == [
        ("TaskDeleted", None, []),
        ("TaskUpdated", 312, ["status", "title"]),
        ("TaskCreated", 312, []),
    ]
    assert [entry.get("previousStatus") for entry in entries] == [None, "pending", None]
    assert of_ada == entries


@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("totals", (3, 2, 90.75, "2026-01-31T12:02:00.000Z")),
        ("never-completed", (1, 0, 0.0, None)),
    ],
)
def test_totals_are_shown(
    name: str, totals: tuple[Any, ...], services: FakeServices, tables: SmallDynamoDB
) -> None:
    tables.put("statistics", frozen("statistics", name))

    with gateway_client(services) as api:
        shown = api.get("/users/ada/stats").json()

    names = ("created", "completed", "averageCompletionSeconds", "lastCompletedAt")
    assert tuple(shown[name] for name in names) == totals
