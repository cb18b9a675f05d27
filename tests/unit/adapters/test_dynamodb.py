"""How the DynamoDB adapters handle DynamoDB's errors. Everything else: tests/contracts."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore, task_to_item
from services.adapters.dynamodb.wire import item_to_wire
from services.core.callers import Authenticated
from services.core.errors import ServiceUnavailable, StaleVersion
from services.core.moments import epoch_seconds
from services.core.ports import IdempotencyRecord
from services.core.task import MAX_USER_ID, Task
from services.core.verdicts import Verdict
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, Ticking
from tests.unit.adapters.conftest import CONDITION, CONFLICT, NONE, cancelled

NOW = epoch_seconds(NOON)


class TestTasks:
    @pytest.fixture
    def store(self, script: Stubber) -> DynamoDBTaskStore:
        return DynamoDBTaskStore(script.client, "tasks", "idempotency")

    def test_a_put_whose_answer_was_lost_succeeds(self, script: Stubber, store: DynamoDBTaskStore) -> None:
        """The client retries by itself, and finds the item of its first try."""
        script.add_client_error("put_item", "ConditionalCheckFailedException")
        store.put_new(a_task(), "cause")

    @pytest.mark.parametrize(
        ("code", "error"),
        [("ThrottlingException", ServiceUnavailable), ("ResourceNotFoundException", ClientError)],
    )
    def test_a_put_that_fails_raises(
        self, script: Stubber, store: DynamoDBTaskStore, code: str, error: type[Exception]
    ) -> None:
        script.add_client_error("put_item", code)
        with pytest.raises(error):
            store.put_new(a_task(), "cause")

    def test_expiring_a_deleted_task_has_no_effect(self, script: Stubber, store: DynamoDBTaskStore) -> None:
        script.add_client_error("update_item", "ConditionalCheckFailedException")
        store.expire(a_task().task_id, NOW)

    def test_expiring_a_task_sets_the_time_to_live_without_a_new_version(
        self, script: Stubber, store: DynamoDBTaskStore
    ) -> None:
        request = {
            "TableName": "tasks",
            "Key": {"taskId": {"S": "id"}},
            "UpdateExpression": "SET #expiry = :expiry",
            "ConditionExpression": "attribute_exists(taskId)",
            "ExpressionAttributeNames": {"#expiry": "expiresAt"},
            "ExpressionAttributeValues": {":expiry": {"N": str(NOW)}},
        }
        script.add_response("update_item", {}, request)
        store.expire("id", NOW)

    def test_a_task_that_changes_while_it_is_deleted_stays(
        self, script: Stubber, store: DynamoDBTaskStore
    ) -> None:
        script.add_response("update_item", {})
        script.add_client_error("delete_item", "ConditionalCheckFailedException")
        with pytest.raises(StaleVersion):
            store.delete(a_task(), "cause")


class TestIdempotencyKeys:
    @pytest.fixture
    def store(self, script: Stubber) -> DynamoDBTaskStore:
        return DynamoDBTaskStore(script.client, "tasks", "idempotency")

    def test_a_contended_key_is_retried(self, script: Stubber, store: DynamoDBTaskStore) -> None:
        record = a_record(a_task())
        cancelled(script, CONFLICT, NONE)
        script.add_response("get_item", {}, held_under(record.key))
        script.add_response("transact_write_items", {})

        assert store.put_new_once(record, NOW, "cause") is record

    def test_the_loser_of_a_contended_key_gets_the_winners_answer(
        self, script: Stubber, store: DynamoDBTaskStore
    ) -> None:
        winner, loser = a_record(a_task()), a_record(a_task())
        cancelled(script, CONDITION, NONE)
        script.add_response("get_item", {"Item": item_of(winner)}, held_under(loser.key))

        assert store.put_new_once(loser, NOW, "cause") == winner

    @pytest.mark.parametrize(("expires_at", "counts"), [(NOW, False), (NOW + 1, True)])
    def test_a_held_record_counts_until_the_second_in_which_it_expires(
        self, script: Stubber, store: DynamoDBTaskStore, expires_at: int, counts: bool
    ) -> None:
        held, record = dataclasses.replace(a_record(a_task()), expires_at=expires_at), a_record(a_task())
        cancelled(script, CONFLICT, NONE)
        script.add_response("get_item", {"Item": item_of(held)}, held_under(record.key))
        if not counts:
            script.add_response("transact_write_items", {})

        assert store.put_new_once(record, NOW, "cause") == (held if counts else record)

    def test_a_lost_answer_is_found_under_the_key(self, script: Stubber, store: DynamoDBTaskStore) -> None:
        record = a_record(a_task())
        cancelled(script, CONDITION, CONDITION)
        script.add_response("get_item", {"Item": item_of(record)}, held_under(record.key))

        assert store.put_new_once(record, NOW, "cause").task == record.task

    def test_endless_contention_is_unavailability(self, script: Stubber, store: DynamoDBTaskStore) -> None:
        for _ in range(4):
            cancelled(script, CONFLICT, NONE)
            script.add_response("get_item", {})
        with pytest.raises(
            ServiceUnavailable, match=r"^conflict in DynamoDB: other requests hold this idempotency key$"
        ):
            store.put_new_once(a_record(a_task()), NOW, "cause")

    def test_a_transaction_cancelled_for_another_reason_raises(
        self, script: Stubber, store: DynamoDBTaskStore
    ) -> None:
        cancelled(script, "ValidationError", NONE)
        with pytest.raises(ClientError):
            store.put_new_once(a_record(a_task()), NOW, "cause")


class TestApprovals:
    @pytest.fixture
    def store(self, script: Stubber) -> DynamoDBApprovalStore:
        return DynamoDBApprovalStore(script.client, "approvals", Ticking())

    def test_a_decision_whose_answer_was_lost_is_taken(
        self, script: Stubber, store: DynamoDBApprovalStore
    ) -> None:
        verdict = Verdict(kind="decided", approval=an_approval(), correlation_id="cause")
        item = {"taskId": "1", "verdict": verdict.model_dump(mode="json", by_alias=True)}
        script.add_client_error("update_item", "ConditionalCheckFailedException")
        script.add_response("get_item", {"Item": item_to_wire(item)})

        assert store.decide("1", an_approval(), "cause") == verdict

    @pytest.mark.parametrize(
        ("code", "error"),
        [("ThrottlingException", ServiceUnavailable), ("AccessDeniedException", ClientError)],
    )
    def test_a_decision_that_fails_raises(
        self, script: Stubber, store: DynamoDBApprovalStore, code: str, error: type[Exception]
    ) -> None:
        script.add_client_error("update_item", code)
        with pytest.raises(error):
            store.decide("1", an_approval(), "cause")


def a_record(task: Task) -> IdempotencyRecord:
    return IdempotencyRecord("key", "fingerprint", task, NOW + 60)


def item_of(record: IdempotencyRecord) -> dict[str, Any]:
    item = {"id": record.key, "fingerprint": record.fingerprint, "expiresAt": record.expires_at}
    return item_to_wire(item) | {"task": {"M": task_to_item(record.task, "cause")}}


def held_under(key: str) -> dict[str, Any]:
    return {"TableName": "idempotency", "Key": {"id": {"S": key}}, "ConsistentRead": True}


def test_a_decision_is_written_unless_a_verdict_holds(script: Stubber) -> None:
    """Each comparison is false where there is no verdict, or one without the field."""
    store = DynamoDBApprovalStore(script.client, "approvals", Ticking())
    request = {
        "TableName": "approvals",
        "Key": {"taskId": {"S": "1"}},
        "UpdateExpression": "SET #verdict = :verdict, #expiresAt = :expiresAt",
        "ConditionExpression": "attribute_not_exists(#verdict) OR #verdict.#approval.#taskVersion < :version"
        " OR (attribute_exists(#verdict.#approval) AND attribute_not_exists(#verdict.#approval.#taskVersion)"
        " AND #verdict.#approval.#decidedAt < #requestedAt)",
        "ExpressionAttributeNames": ANY,
        "ExpressionAttributeValues": ANY,
    }
    script.add_response("update_item", {}, request)

    assert store.decide("1", an_approval(version=3), "cause").approval == an_approval(version=3)


def test_the_longest_user_id_fits_into_keys(script: Stubber) -> None:
    """2,048 bytes for a partition key, of a table or of an index."""
    longest = "🌍" * MAX_USER_ID
    store = DynamoDBStatisticsStore(script.client, "statistics", timedelta(days=7), Ticking())
    script.add_response("get_item", {}, {"TableName": "statistics", "Key": {"id": {"S": f"user#{longest}"}}})

    assert store.of_user(longest).user_id == longest
    key = Authenticated("%" * MAX_USER_ID, ()).own_key("x" * 255)
    assert max(len(name.encode()) for name in (f"user#{longest}", key, longest)) <= 2048
