"""Leftovers of an interrupted deployment, told apart from users' data."""

import pytest

from scripts.deployments.leftovers import holds_tasks, remove_unknown_functions
from tests.harness.fault_proxy import Answer, answer_with, fault_proxy, is_call

STATE = {
    "resources": [
        {"type": "aws_lambda_function", "instances": [{"attributes": {"function_name": "app-relay"}}]}
    ]
}


@pytest.mark.parametrize(("count", "expected"), [(0, False), (1, True)])
def test_tasks_are_user_data(count: int, expected: bool) -> None:
    with fault_proxy() as service:
        tables = {"TableNames": ["app-approvals", "app-tasks"]}
        service.add(is_call("dynamodb", "ListTables"), answer_with(Answer.of_json(tables)))
        service.add(is_call("dynamodb", "Scan"), answer_with(Answer.of_json({"Count": count})))

        assert holds_tasks(service.url) is expected
        assert [call.json["TableName"] for call in service.calls if call.operation == "Scan"] == ["app-tasks"]


def test_unreadable_tables_count_as_holding_tasks() -> None:
    with fault_proxy() as service:
        service.add(is_call("dynamodb", ".*"), answer_with(Answer.refusal("InternalServerError", 500)))

        assert holds_tasks(service.url)


def test_functions_that_are_not_in_the_state_are_removed() -> None:
    names = ["app-relay", "app-on-created", "other-relay"]
    with fault_proxy() as service:
        listed = {"Functions": [{"FunctionName": name} for name in names]}
        service.add(is_call("lambda", "GET /2015-03-31/functions"), answer_with(Answer.of_json(listed)))
        service.add(is_call("lambda", "DELETE .*"), answer_with(Answer.of_json({}, 204)))

        assert remove_unknown_functions(service.url, "app-", STATE) == ["app-on-created"]
        deleted = [call.operation for call in service.calls if call.method == "DELETE"]
        assert deleted == ["DELETE /2015-03-31/functions/app-on-created"]
