"""The approvals table's stream delivers a verdict to the waiting workflow; either may come first."""

from typing import Any

import pytest

from services.approvals.deliver_decision import deliver_decision
from services.core.errors import ServiceUnavailable
from services.core.verdicts import Verdict
from services.streams import stream
from tests.harness.builders import an_approval
from tests.harness.deliveries import approval_record
from tests.harness.fakes import FakeServices
from tests.unit.conftest import LogLines

APPROVED = Verdict(kind="decided", approval=an_approval(), correlation_id="grace")
CANCELLED = Verdict(kind="cancelled", correlation_id="removal")


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


def deliver(services: FakeServices, *records: dict[str, Any]) -> None:
    stream(deliver_decision, compose=lambda *_: services)({"Records": list(records)}, None)


@pytest.mark.parametrize("verdict", [APPROVED, CANCELLED], ids=["decided", "cancelled"])
def test_a_verdict_after_the_token_is_delivered(services: FakeServices, verdict: Verdict) -> None:
    deliver(services, approval_record("task", token="token"))
    assert services.workflow.delivered == {}

    deliver(services, approval_record("task", token="token", verdict=verdict))

    assert services.workflow.delivered == {"token": verdict}


@pytest.mark.parametrize("verdict", [APPROVED, CANCELLED], ids=["decided", "cancelled"])
def test_a_verdict_before_the_token_is_delivered(services: FakeServices, verdict: Verdict) -> None:
    deliver(services, approval_record("task", verdict=verdict))
    assert services.workflow.delivered == {}

    deliver(services, approval_record("task", token="token", verdict=verdict))

    assert services.workflow.delivered == {"token": verdict}


def test_a_newer_token_gets_the_verdict_too(services: FakeServices) -> None:
    """The state was retried: the workflow waits with the newer token."""
    for token in ("old", "new"):
        deliver(services, approval_record("task", token=token, verdict=APPROVED))
    assert services.workflow.delivered == {"old": APPROVED, "new": APPROVED}


def test_delivering_to_an_ended_wait_is_no_error(services: FakeServices, log_lines: LogLines) -> None:
    services.workflow.ended = {"late"}

    deliver(
        services,
        approval_record("one", token="late", verdict=APPROVED),
        approval_record("other", token="token", verdict=APPROVED),
    )

    assert services.workflow.delivered == {"token": APPROVED}
    messages = [(line["message"], line["task_id"]) for line in log_lines()]
    assert messages == [("no workflow waits for this verdict", "one"), ("delivered", "other")]


EARLIER = Verdict(kind="decided", approval=an_approval(version=None), correlation_id="grace")
"""A decision of an earlier release, which names no version; it was made at noon."""


@pytest.mark.parametrize(
    ("verdict", "waiting", "is_awaited"),
    [
        (APPROVED, {"version": 1}, True),
        (APPROVED, {"version": 2}, False),
        (CANCELLED, {"version": 2}, True),
        (EARLIER, {"version": 2, "requested_at": "2026-01-31T12:00:00.000Z"}, True),
        (EARLIER, {"version": 2, "requested_at": "2026-01-31T12:00:00.001Z"}, False),
        (APPROVED, {"version": None}, True),
    ],
)
def test_a_verdict_on_an_earlier_version_is_not_delivered(
    services: FakeServices, verdict: Verdict, waiting: dict[str, Any], is_awaited: bool
) -> None:
    deliver(services, approval_record("task", "token", verdict, **waiting))
    assert ("token" in services.workflow.delivered) is is_awaited


def test_a_redelivered_batch_delivers_once(services: FakeServices) -> None:
    records = [approval_record(str(number), f"token-{number}", APPROVED) for number in range(3)]

    deliver(services, *records)
    deliver(services, *records)

    assert services.workflow.delivered == {f"token-{number}": APPROVED for number in range(3)}


def test_a_transient_failure_raises_and_the_batch_is_retried(services: FakeServices) -> None:
    records = [approval_record(str(number), f"token-{number}", APPROVED) for number in range(3)]
    services.workflow.failures = [ServiceUnavailable("Step Functions refuses for now")]

    with pytest.raises(ServiceUnavailable):
        deliver(services, *records)
    deliver(services, *records)

    assert len(services.workflow.delivered) == 3


def test_a_removed_record_delivers_nothing(services: FakeServices) -> None:
    record = approval_record("task", "token", APPROVED)
    record["dynamodb"] = {"OldImage": record["dynamodb"]["NewImage"]}

    deliver(services, record)

    assert services.workflow.delivered == {}


def test_each_delivery_is_logged_with_the_correlation_id_of_its_decision(
    services: FakeServices, log_lines: LogLines
) -> None:
    deliver(
        services,
        approval_record("one", "token-1", APPROVED),
        approval_record("other", "token-2", CANCELLED),
    )
    lines = [(line["correlation_id"], line["kind"]) for line in log_lines()]
    assert lines == [("grace", "decided"), ("removal", "cancelled")]
