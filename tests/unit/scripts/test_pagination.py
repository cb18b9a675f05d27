"""Scripts read AWS listings to the last page; AWS's models say which listings have pages."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from scripts.base.paths import ROOT

SERVICES = (
    "cloudwatch", "codedeploy", "cognito-idp", "dynamodb", "dynamodbstreams", "events", "iam", "kms",
    "lambda", "logs", "s3", "sns", "sqs", "stepfunctions", "sts",
)  # fmt: skip
# How a listing says in its answer that there is more.
TOKENS = {
    "NextToken", "nextToken", "NextMarker", "Marker", "NextContinuationToken", "LastEvaluatedKey",
    "LastEvaluatedTableName", "LastEvaluatedShardId", "NextShardIterator", "IsTruncated",
}  # fmt: skip
# Read page by page in a loop of their own, or from the beginning until there is something.
LOOPS = {
    ("scripts/clouds/probing/services.py", "get_records"),
    ("scripts/operators/redrive.py", "get_records"),
    ("scripts/operators/backfill.py", "scan"),
}


@cache
def paged_operations() -> frozenset[str]:
    """The methods of boto3's clients whose answers may have pages."""
    session, found = botocore.session.get_session(), set()
    for service in SERVICES:
        model = session.get_service_model(service)
        for name in model.operation_names:
            shape = model.operation_model(name).output_shape
            if shape is not None and TOKENS & set(shape.members):
                found.add(xform_name(name))
    return frozenset(found)


def paged_calls(source: str) -> Iterator[tuple[int, str]]:
    """Lines that call such a method itself, by attribute, and the method's name."""
    for node in ast.walk(ast.parse(source)):
        method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if isinstance(node, ast.Call) and method in paged_operations():
            yield node.lineno, method


def scripts() -> list[Path]:
    return sorted((ROOT / "scripts").rglob("*.py"))


def test_every_listing_goes_through_a_paginator() -> None:
    found = [
        (str(path.relative_to(ROOT)), method, line)
        for path in scripts()
        for line, method in paged_calls(path.read_text(encoding="utf-8"))
    ]
    assert [call for call in found if call[:2] not in LOOPS] == []
    assert {call[:2] for call in found} == LOOPS  # an exception that is no longer needed must be removed


@pytest.mark.parametrize(
    "method", ["filter_log_events", "list_executions", "list_queues", "list_versions_by_function", "scan"]
)
def test_reading_only_the_first_page_is_found(method: str) -> None:
    (found,) = paged_calls(f"answer = target.client('x').{method}(Name='y')")
    assert found == (1, method)
    assert list(paged_calls(f"pages = client.get_paginator('{method}').paginate(Name='y')")) == []
