"""The fault proxy: what it sees of a call, and what its rules do."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from scripts.clouds.clients import client
from tests.harness.fault_proxy import (
    Answer,
    FaultProxy,
    answer_with,
    change_json,
    fault_proxy,
    is_call,
    lose_answer,
)


@pytest.fixture
def service() -> Iterator[FaultProxy]:
    """Stands in for an emulator with one table and no functions."""
    with fault_proxy() as proxy:
        proxy.add(is_call("dynamodb", "ListTables"), answer_with(Answer.of_json({"TableNames": ["tasks"]})))
        proxy.add(
            is_call("lambda", "GET /2015-03-31/functions"), answer_with(Answer.of_json({"Functions": []}))
        )
        yield proxy


@pytest.fixture
def proxy(service: FaultProxy) -> Iterator[FaultProxy]:
    with fault_proxy(service.url) as proxy:
        yield proxy


def test_calls_pass_and_are_named_by_service_and_operation(service: FaultProxy, proxy: FaultProxy) -> None:
    assert client("dynamodb", proxy.url).list_tables()["TableNames"] == ["tasks"]
    assert client("lambda", proxy.url).list_functions()["Functions"] == []

    assert [str(call) for call in proxy.calls] == ["dynamodb ListTables", "lambda GET /2015-03-31/functions"]
    assert [str(call) for call in service.calls] == [str(call) for call in proxy.calls]


def test_a_lost_answer_is_retried_and_both_calls_take_effect(service: FaultProxy, proxy: FaultProxy) -> None:
    lost = proxy.add(is_call("dynamodb", ".*"), lose_answer, times=1)
    assert client("dynamodb", proxy.url).list_tables()["TableNames"] == ["tasks"]
    assert (len(lost.seen), len(service.calls)) == (1, 2)


def test_an_answered_call_never_reaches_the_emulator(service: FaultProxy, proxy: FaultProxy) -> None:
    proxy.add(is_call("dynamodb", "ListTables"), answer_with(Answer.refusal("AccessDeniedException")))
    with pytest.raises(ClientError, match="AccessDenied"):
        client("dynamodb", proxy.url).list_tables()
    assert service.calls == []


def test_an_answer_can_be_changed(proxy: FaultProxy) -> None:
    proxy.add(
        is_call("dynamodb", ".*"), change_json(lambda said: {**said, "LastEvaluatedTableName": "tasks"})
    )
    assert client("dynamodb", proxy.url).list_tables()["LastEvaluatedTableName"] == "tasks"


def test_a_call_without_a_rule_is_not_implemented(service: FaultProxy) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        client("sqs", service.url).list_queues()
