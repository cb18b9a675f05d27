"""The package's botocore: the operations in use, and those as the full botocore has them."""

import json
import re
from pathlib import Path

import pytest
from botocore import xform_name

from scripts.base.paths import ROOT
from scripts.build.botocore_data import OPAQUE, operations
from tests.infra.packaged import run_inside, run_with_the_whole

OPERATIONS = operations()
SERVICES = sorted(OPERATIONS)
ENDPOINTS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")


@pytest.mark.parametrize("service", SERVICES)
class TestBotocore:
    def test_offers_the_operations_in_use(self, unpacked: Path, service: str) -> None:
        program = (
            "from botocore.session import get_session\n"
            f"client = get_session().create_client({service!r})\n"
            "print(*sorted(client.meta.service_model.operation_names))"
        )
        assert run_inside(unpacked, program).split() == sorted(OPERATIONS[service])

    def test_has_the_same_shapes_as_the_full_botocore(self, unpacked: Path, service: str) -> None:
        program = f"""
import json
from botocore.session import get_session
model = get_session().get_service_model({service!r})

def walk(shape, seen):
    # Shapes that botocore does not parse are tested by behaviour: tests/infra/test_opaque_attributes.py
    if shape is None or shape.name in seen or shape.name in {OPAQUE.get(service, ())!r}:
        return shape and shape.name
    seen = {{*seen, shape.name}}
    inner = [walk(getattr(shape, part, None), seen) for part in ("member", "key", "value")]
    members = sorted(getattr(shape, "members", {{}}).items())
    members = [(name, member.serialization, walk(member, seen)) for name, member in members]
    return [shape.name, shape.type_name, sorted(getattr(shape, "required_members", ())), inner, members]

def told(name):
    operation = model.operation_model(name)
    shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    return [operation.http, operation.auth_type, [walk(shape, set()) for shape in shapes]]

print(json.dumps([told(name) for name in {sorted(OPERATIONS[service])!r}]))
"""
        assert json.loads(run_inside(unpacked, program)) == json.loads(run_with_the_whole(program))

    def test_resolves_the_same_endpoints_as_the_full_botocore(self, unpacked: Path, service: str) -> None:
        program = (
            "from botocore.session import get_session\n"
            f"for region in {ENDPOINTS!r}:\n"
            f"    print(get_session().create_client({service!r}, region_name=region).meta.endpoint_url)"
        )
        assert run_inside(unpacked, program) == run_with_the_whole(program)


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
