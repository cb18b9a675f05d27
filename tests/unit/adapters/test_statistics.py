"""How the statistics meet contention and refusals by DynamoDB. Everything else: tests/contracts."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from services.adapters.backoff import Backoff, longest_pause
from services.adapters.dynamodb.statistics import MAX_ATTEMPTS, DynamoDBStatisticsStore
from services.core.errors import ServiceUnavailable
from services.core.moments import epoch_seconds
from services.core.statistics import Completion
from tests.harness.fakes import NOON, Ticking
from tests.unit.adapters.conftest import CONDITION, CONFLICT, NONE, cancelled

NOW = epoch_seconds(NOON)
COMPLETION = Completion("2026-01-31T12:00:00.000Z", 1000)


class TestStatistics:
    @pytest.fixture(autouse=True)
    def pauses_of_a_test(self) -> None:
        self.pauses: list[float] = []

    @pytest.fixture
    def store(self, script: Stubber) -> DynamoDBStatisticsStore:
        backoff = Backoff(chance=lambda: 1.0, sleep=self.pauses.append)
        return DynamoDBStatisticsStore(script.client, "statistics", timedelta(days=7), Ticking(), backoff)

    def test_the_marker_of_the_event_expires_after_the_set_days(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        expires = str(NOW + 7 * 24 * 3600)
        marker = {
            "TableName": "statistics",
            "Item": {"id": {"S": "event#1"}, "expiresAt": {"N": expires}},
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": "id"},
        }
        request = {"TransactItems": [{"Put": marker}, {"Update": ANY}]}
        script.add_response("transact_write_items", {}, request)

        assert store.count_created("1", "ada")

    def test_a_contended_user_is_retried(self, script: Stubber, store: DynamoDBStatisticsStore) -> None:
        cancelled(script, NONE, CONFLICT)
        cancelled(script, CONFLICT, NONE)
        script.add_response("transact_write_items", {})

        assert store.count_created("1", "ada")
        assert self.pauses == [longest_pause(1), longest_pause(2)]

    def test_a_contended_completion_that_was_counted_meanwhile_is_not_counted_again(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        cancelled(script, NONE, CONFLICT)
        cancelled(script, CONDITION, CONDITION)
        assert not store.count_completed("1", "ada", COMPLETION)

    def test_a_contended_completion_is_retried_as_the_last_one(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        last = {"TableName": "statistics", "Key": ANY, "ConditionExpression": ANY, "UpdateExpression": ANY}
        last |= {"ExpressionAttributeNames": ANY, "ExpressionAttributeValues": ANY}
        cancelled(script, NONE, CONFLICT)
        script.add_response("transact_write_items", {}, {"TransactItems": [{"Put": ANY}, {"Update": last}]})

        assert store.count_completed("1", "ada", COMPLETION)
        assert self.pauses == [longest_pause(1)]

    def test_an_older_completion_counts_without_being_the_last(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        cancelled(script, NONE, CONDITION)
        plain = {
            "TableName": "statistics",
            "Key": {"id": {"S": "user#ada"}},
            "UpdateExpression": "ADD #completed :completed, #completionMilliseconds :completionMilliseconds",
            "ExpressionAttributeNames": ANY,
            "ExpressionAttributeValues": {
                ":completed": {"N": "1"},
                ":completionMilliseconds": {"N": "1000"},
            },
        }
        script.add_response("transact_write_items", {}, {"TransactItems": [{"Put": ANY}, {"Update": plain}]})

        assert store.count_completed("1", "ada", COMPLETION)
        assert self.pauses == []

    def test_endless_contention_is_unavailability(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        for _ in range(MAX_ATTEMPTS):
            cancelled(script, NONE, CONFLICT)
        with pytest.raises(
            ServiceUnavailable, match=r"^conflict in DynamoDB: others write this user's statistics$"
        ):
            store.count_created("1", "ada")
        assert self.pauses == [longest_pause(failures) for failures in range(1, MAX_ATTEMPTS)]

    @pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
    def test_a_throttled_transaction_is_unavailability(
        self, script: Stubber, store: DynamoDBStatisticsStore, reason: str
    ) -> None:
        cancelled(script, NONE, reason)
        with pytest.raises(ServiceUnavailable):
            store.count_created("1", "ada")

    @pytest.mark.parametrize(
        ("code", "error"),
        [("TransactionInProgressException", ServiceUnavailable), ("AccessDeniedException", ClientError)],
    )
    def test_a_transaction_that_fails_raises(
        self, script: Stubber, store: DynamoDBStatisticsStore, code: str, error: type[Exception]
    ) -> None:
        script.add_client_error("transact_write_items", code)
        with pytest.raises(error):
            store.count_created("1", "ada")

    def test_a_transaction_cancelled_for_another_reason_raises(
        self, script: Stubber, store: DynamoDBStatisticsStore
    ) -> None:
        cancelled(script, NONE, "ValidationError")
        with pytest.raises(ClientError):
            store.count_created("1", "ada")
