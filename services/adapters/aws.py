"""Clients of AWS services, and which of their failures are transient."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from services.core.errors import ServiceUnavailable

# Short timeouts and few attempts: a caller that waits for an HTTP answer, or a queue with its own retries, is
# better served by a quick refusal than by a long wait. All attempts together end within a function's own time
# limit, at which Lambda would end it without an answer (tests/unit/adapters/test_aws.py). A fixed user agent
# saves botocore from assembling one for each call. Parameters are not validated: adapters build requests from
# validated models, and the tests compare them with the services' models. No proxy: functions need none, and
# on the embedded cloud botocore would find that of the user's system.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    proxies={},
    user_agent="task-manager",
    parameter_validation=False,
)

_TRANSIENT = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


@cache
def client(service: str) -> Any:
    """The client of an AWS service, made once a process.

    From botocore, which boto3 is a layer upon: functions that never use that layer start without it.
    """
    return get_session().create_client(service, config=_CONFIG)


def error_code(error: ClientError) -> str:
    """AWS's name for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def condition_failed(error: ClientError) -> bool:
    """Whether DynamoDB refused a write because its item does not meet the condition."""
    return error_code(error) == "ConditionalCheckFailedException"


# Transient reasons for a cancelled transaction.
_THROTTLED = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


# As for the SDK: the front end of a service may answer without a code of AWS's, an empty body, say.
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})


def _passes(error: ClientError) -> bool:
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in _TRANSIENT_STATUSES:
        return True
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())} - {
        "None",
        None,
    }
    return error_code(error) in _TRANSIENT or bool(reasons and reasons <= _THROTTLED)


def was_retried(error: ClientError) -> bool:
    """Whether the SDK had made the same call before, and got no answer or a transient failure."""
    return int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)) > 0


@contextmanager
def transient_failures(service: str) -> Iterator[None]:
    """Turns transient failures into ServiceUnavailable; others propagate unchanged."""
    try:
        yield
    except ClientError as error:
        if _passes(error):
            raise ServiceUnavailable(f"{service} is unavailable: {error_code(error)}") from error
        raise
    except BotoCoreError as error:
        raise ServiceUnavailable(f"{service} cannot be reached: {error}") from error
