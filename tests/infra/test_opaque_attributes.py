"""The package's botocore passes attribute values unchanged in both directions, as the full botocore does."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.build.botocore_data import operations
from tests.infra.packaged import run_inside, run_with_the_whole

# Every kind of value that our items hold, nested, with text that JSON has to escape.
ITEM: dict[str, Any] = {
    "taskId": {"S": 'é"\\\n\u2028\U0001f600'},
    "empty": {"S": ""},
    "version": {"N": "12345678901234567890123456789012345678"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "tags": {"L": [{"S": "home"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "approval": {"M": {"decision": {"S": "approve"}, "deep": {"M": {"er": {"L": [{"BOOL": False}]}}}}},
}
KEY = {"taskId": {"S": "an-id"}}
UPDATE = {
    "TableName": "tasks",
    "Key": KEY,
    "UpdateExpression": "SET #a = :a",
    "ConditionExpression": "#a < :a",
    "ExpressionAttributeNames": {"#a": "a"},
    "ExpressionAttributeValues": {f":{name}": value for name, value in ITEM.items()},
}
PUT = {"TableName": "tasks", "Item": ITEM, "ConditionExpression": "attribute_not_exists(taskId)"}
REFUSED = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "no"}
CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Item": ITEM, "Message": "no"},
    ],
}

# operation → request, HTTP status, answer
CASES: dict[str, list[tuple[dict[str, Any], int, dict[str, Any]]]] = {
    "GetItem": [
        ({"TableName": "tasks", "Key": KEY, "ConsistentRead": True}, 200, {"Item": ITEM}),
        ({"TableName": "tasks", "Key": KEY}, 200, {}),
    ],
    "PutItem": [
        (PUT, 200, {}),
        (PUT | {"ReturnValues": "ALL_OLD"}, 200, {"Attributes": ITEM}),
        (PUT, 400, REFUSED | {"Item": ITEM}),
    ],
    "UpdateItem": [(UPDATE, 200, {"Attributes": ITEM}), (UPDATE, 400, REFUSED)],
    "DeleteItem": [({"TableName": "tasks", "Key": KEY}, 200, {"Attributes": ITEM})],
    "Query": [
        (
            {
                "TableName": "tasks",
                "IndexName": "by-user",
                "Limit": 2,
                "KeyConditionExpression": "#a = :a",
                "ExpressionAttributeNames": {"#a": "userId"},
                "ExpressionAttributeValues": {":a": {"S": "ada"}},
                "ExclusiveStartKey": KEY,
            },
            200,
            {"Items": [ITEM, {}, KEY], "Count": 3, "ScannedCount": 4, "LastEvaluatedKey": KEY},
        )
    ],
    "TransactWriteItems": [
        ({"TransactItems": [{"Put": PUT}, {"Update": UPDATE}], "ClientRequestToken": "t"}, status, answer)
        for status, answer in ((200, {}), (400, CANCELLED))
    ],
}

PROGRAM = """
import json
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

class Raw:
    def __init__(self, content):
        self._content = content
    def stream(self, *_, **__):
        yield self._content

def both_ways(name, request, status, answer):
    config = Config(retries={{"total_max_attempts": 1}}, parameter_validation=False)
    secrets = {{"aws_access_key_id": "test", "aws_secret_access_key": "test"}}
    client = get_session().create_client("dynamodb", config=config, **secrets)
    sent = []
    def send(request, **_):
        sent.append(json.loads(request.body))
        return AWSResponse(request.url, status, {{}}, Raw(json.dumps(answer).encode()))
    client.meta.events.register("before-send", send)
    try:
        got = getattr(client, xform_name(name))(**request)
    except ClientError as error:
        got = [type(error).__name__, error.response]
    return sent, got

for case in json.loads({cases!r}):
    print(json.dumps(both_ways(*case)))
"""


def test_every_operation_in_use_is_tested() -> None:
    assert set(CASES) == set(operations()["dynamodb"])


@pytest.mark.parametrize("operation", CASES)
def test_requests_and_answers_are_those_of_the_full_model(unpacked: Path, operation: str) -> None:
    cases = [[operation, *case] for case in CASES[operation]]
    program = PROGRAM.format(cases=json.dumps(cases))

    ours = [json.loads(line) for line in run_inside(unpacked, program).splitlines()]

    assert ours == [json.loads(line) for line in run_with_the_whole(program).splitlines()]
    for (sent, got), (_, request, status, answer) in zip(ours, cases, strict=True):
        assert sent == [request]
        if status == 200:
            assert answer.items() <= got.items()
