"""Which of AWS's failures are transient."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from services.adapters.aws import error_code, transient_failures, was_retried
from services.core.errors import ServiceUnavailable


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


@pytest.mark.parametrize(
    "code",
    [
        "InternalServerError",
        "KMSThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionInProgressException",
    ],
)
def test_a_transient_error_is_unavailability(code: str) -> None:
    with pytest.raises(ServiceUnavailable, match=f"SQS is unavailable: {code}"), transient_failures("SQS"):
        raise client_error(code)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://sqs"),
        ConnectTimeoutError(endpoint_url="https://sqs"),
        ReadTimeoutError(endpoint_url="https://sqs"),
    ],
)
def test_an_unreachable_service_is_unavailable(error: Exception) -> None:
    with pytest.raises(ServiceUnavailable, match="SQS cannot be reached"), transient_failures("SQS"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        client_error("ValidationException"),
        client_error("AccessDeniedException"),
        client_error("ConditionalCheckFailedException"),
        ClientError({}, "Operation"),
        KeyError("ours"),
    ],
)
def test_any_other_error_is_raised_unchanged(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, transient_failures("SQS"):
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (["None", "ThrottlingError"], ServiceUnavailable),
        (["ProvisionedThroughputExceeded", "ThrottlingError"], ServiceUnavailable),
        (["ConditionalCheckFailed", "ThrottlingError"], ClientError),
        (["None", "None"], ClientError),
    ],
)
def test_a_cancelled_transaction_may_pass_if_each_of_its_reasons_does(
    reasons: list[str], error: type[Exception]
) -> None:
    cancelled = ClientError(
        {
            "Error": {"Code": "TransactionCanceledException"},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )
    with pytest.raises(error), transient_failures("DynamoDB"):
        raise cancelled


def test_an_error_without_a_count_of_retries_had_none() -> None:
    assert not was_retried(ClientError({}, "Operation"))


def test_an_error_without_a_code_has_an_empty_one() -> None:
    assert error_code(ClientError({}, "Operation")) == ""
