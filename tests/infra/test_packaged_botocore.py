"""The package's botocore: the operations in use, and those as the full botocore has them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from scripts.base.paths import ROOT
from scripts.build.botocore_data import OPAQUE, operations
from tests.infra.packaged import run_inside, run_with_the_whole

OPERATIONS = operations()
SERVICES = sorted(OPERATIONS)
ENDPOINTS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")


# Runs with either botocore. It tells of all services at once, since starts of Python take most of the time.
PROGRAM = f"""
import json
from botocore.session import get_session

session, services, endpoints, opaque = get_session(), {OPERATIONS!r}, {ENDPOINTS!r}, {dict(OPAQUE)!r}

def walk(shape, seen, hidden):
    # Shapes that botocore does not parse are tested by behaviour: tests/infra/test_opaque_attributes.py
    if shape is None or shape.name in seen or shape.name in hidden:
        return shape and shape.name
    seen = {{*seen, shape.name}}
    inner = [walk(getattr(shape, part, None), seen, hidden) for part in ("member", "key", "value")]
    members = sorted(getattr(shape, "members", {{}}).items())
    members = [(name, member.serialization, walk(member, seen, hidden)) for name, member in members]
    return [shape.name, shape.type_name, sorted(getattr(shape, "required_members", ())), inner, members]

def shapes_of(operation, hidden):
    shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    return [operation.http, operation.auth_type, [walk(shape, set(), hidden) for shape in shapes]]

def told(service):
    clients = [session.create_client(service, region_name=region) for region in endpoints]
    model, hidden = clients[0].meta.service_model, opaque.get(service, ())
    return {{
        "operations": sorted(model.operation_names),
        "shapes": [shapes_of(model.operation_model(name), hidden) for name in sorted(services[service])],
        "endpoints": [client.meta.endpoint_url for client in clients],
    }}

print(json.dumps({{service: told(service) for service in services}}))
"""


@pytest.fixture(scope="module")
def packaged(unpacked: Path) -> dict[str, Any]:
    """What the package's botocore tells of each service."""
    return dict(json.loads(run_inside(unpacked, PROGRAM)))


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """What the full botocore tells of each service."""
    return dict(json.loads(run_with_the_whole(PROGRAM)))


@pytest.mark.parametrize("service", SERVICES)
class TestBotocore:
    def test_offers_the_operations_in_use(
        self, packaged: dict[str, Any], whole: dict[str, Any], service: str
    ) -> None:
        assert packaged[service]["operations"] == sorted(OPERATIONS[service])
        assert {*packaged[service]["operations"]} < {*whole[service]["operations"]}

    @pytest.mark.parametrize("what", ["shapes", "endpoints"])
    def test_tells_the_same_as_the_full_botocore(
        self, packaged: dict[str, Any], whole: dict[str, Any], service: str, what: str
    ) -> None:
        assert packaged[service][what]
        assert packaged[service][what] == whole[service][what]


def test_dynamodb_calls_go_where_the_full_botocore_sends_them(unpacked: Path) -> None:
    program = f"""
from botocore.config import Config
from botocore.session import get_session

def answer(request, **_):
    print(request.url)
    raise OSError("as far as this goes")

for region in {ENDPOINTS!r}:
    for fips, dual in ((False, False), (True, False), (False, True), (True, True)):
        config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual)
        client = get_session().create_client(
            "dynamodb", region_name=region, config=config, aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.meta.events.register("before-send", answer)
        try:
            client.get_item(TableName="tasks", Key={{"taskId": {{"S": "an-id"}}}})
        except Exception as error:
            print(region, fips, dual, error)
"""

    urls = run_inside(unpacked, program)

    assert "https://dynamodb-fips.us-east-1.amazonaws.com/" in urls
    assert urls == run_with_the_whole(program)


def test_the_operations_are_those_that_the_code_calls() -> None:
    offered = {xform_name(name) for service in SERVICES if service != "sts" for name in OPERATIONS[service]}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py"))
    called = set(re.findall(r"\b_client\.([a-z_]+)\b", sources))

    assert called
    assert called == offered
