"""DynamoDB in this process, behind a client's transport: moto's, with the tables of infra/tables.tf.

Unlike moto's own decorators this changes nothing outside the client, whose SDK retries as it always does.
"""

from functools import cache
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.session import get_session
from moto.core.botocore_stubber import MockRawResponse
from moto.core.request import normalize_request
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from scripts.base.paths import INFRA
from scripts.terraform.hcl import parsed
from services.adapters import aws

REGION = "eu-central-1"


class Engine:
    """Replaces botocore's HTTP session. Requests come one after the other: none meets a conflict."""

    _one_at_a_time = Lock()  # moto's transactions are atomic in one thread only

    def send(self, request: Any) -> AWSResponse:
        """What the SDK calls for each attempt."""
        with self._one_at_a_time:
            status, headers, body = DynamoHandler.dispatch(normalize_request(request))
        return AWSResponse(request.url, status, headers, MockRawResponse(body))


def emptied() -> Any:
    """A client of the engine, which has the deployed tables, named by their keys, without items."""
    dynamodb_backends.reset()
    for name, table in declared_tables().items():
        client().create_table(**as_request(name, table))
    return client()


@cache
def client() -> Any:
    """A client of the engine, with the settings of the functions."""
    made = get_session().create_client(
        "dynamodb",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=aws._CONFIG,
    )
    made._endpoint.http_session = Engine()
    return made


@cache
def declared_tables() -> dict[str, Any]:
    """The tables that Terraform creates, by their keys."""
    tables: dict[str, Any] = parsed((INFRA / "tables.tf").read_text(encoding="utf-8"))["locals"][0]["tables"]
    return tables


def as_request(name: str, table: dict[str, Any]) -> dict[str, Any]:
    """The request that creates a table, as the resource in infra/tables.tf does: every key is a string."""
    indexes = [
        {"IndexName": index, "KeySchema": _keys(keys), "Projection": {"ProjectionType": "ALL"}}
        for index, keys in table["indexes"].items()
    ]
    schemas = [_keys(table), *(index["KeySchema"] for index in indexes)]
    attributes = {str(key["AttributeName"]) for schema in schemas for key in schema}
    request = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schemas[0],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)],
    }
    return request | ({"GlobalSecondaryIndexes": indexes} if indexes else {})


def _keys(of: dict[str, Any]) -> list[dict[str, str]]:
    kinds = {"hash_key": "HASH", "range_key": "RANGE"}
    return [{"AttributeName": of[key], "KeyType": kind} for key, kind in kinds.items() if key in of]
