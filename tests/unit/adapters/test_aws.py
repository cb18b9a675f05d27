"""Which of AWS's failures are transient."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from scripts.base.paths import ROOT
from scripts.terraform.hcl import blocks
from services.adapters.aws import client, error_code, transient_failures, was_retried
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


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_answer_of_a_front_end_is_unavailability(status: int) -> None:
    """Its body is empty or HTML: botocore then takes the status for the code."""
    answer = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(ServiceUnavailable, match=str(status)), transient_failures("DynamoDB"):
        raise ClientError(answer, "GetItem")


@pytest.mark.parametrize("status", [400, 403, 413, 501])
def test_an_answer_that_stays_the_same_is_raised_unchanged(status: int) -> None:
    answer = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(ClientError), transient_failures("DynamoDB"):
        raise ClientError(answer, "GetItem")


@pytest.mark.parametrize("hangs", ["connect_timeout", "read_timeout"])
def test_all_attempts_of_a_call_end_within_a_functions_time_limit(
    hangs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise Lambda would end the function, and the caller would get no answer of ours."""
    variables = (ROOT / "infra/variables_functions.tf").read_text(encoding="utf-8")
    limit = dict(blocks(variables, "variable"))["lambda_timeout_seconds"]["default"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    config = client.__wrapped__("dynamodb").meta.config
    attempts = config.retries["total_max_attempts"]
    # The SDK's standard mode: up to 1 s, 2 s, 4 s …, 20 s at most.
    pauses = sum(min(2**failures, 20) for failures in range(attempts - 1))

    assert config.retries["mode"] == "standard"
    assert attempts * getattr(config, hangs) + pauses <= limit - 3


def test_an_error_without_a_count_of_retries_had_none() -> None:
    assert not was_retried(ClientError({}, "Operation"))


def test_an_error_without_a_code_has_an_empty_one() -> None:
    assert error_code(ClientError({}, "Operation")) == ""
