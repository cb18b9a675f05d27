"""The package: reproducible, complete, small and self-contained."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from scripts.base import pythons
from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.build import console, event_page, package
from scripts.build.botocore_data import OPAQUE, operations
from scripts.build.platforms import Platform
from tests.harness.function_map import FUNCTIONS
from tests.infra.conftest import minimal_environment

OPERATIONS = operations()
SERVICES = sorted(OPERATIONS)
ENDPOINTS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")


def run_inside(unpacked: Path, program: str, **variables: str) -> str:
    """Run a program that can import the package and the standard library, nothing else."""
    start = f"import sys; sys.path.append({str(unpacked)!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + program],
        env=minimal_environment(**variables),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_with_the_whole(program: str) -> str:
    """Run a program with the full libraries, as they are published."""
    command = [sys.executable, "-I", "-c", program]
    return subprocess.run(
        command, env=minimal_environment(), capture_output=True, text=True, check=True
    ).stdout


def test_the_same_input_gives_the_same_bytes(local_package: package.Manifest, tmp_path: Path) -> None:
    out = tmp_path / "somewhere/else"
    (out / "scratch-of-an-interrupted-build/libraries").mkdir(parents=True)

    former = os.umask(0o077)
    try:
        again = package.build(Platform.local(), out)
    finally:
        os.umask(former)

    assert again == local_package
    assert (out / "package.zip").read_bytes() == (ROOT / "build/package.zip").read_bytes()
    assert not list(out.glob("scratch-*"))


def test_an_unchanged_package_is_not_rebuilt(local_package: package.Manifest) -> None:
    done: list[str] = []
    assert package.build(Platform.local(), ROOT / "build", done.append) == local_package
    assert done == []


def test_the_manifest_describes_the_package(local_package: package.Manifest) -> None:
    manifest = json.loads((ROOT / "build/manifest.json").read_text())

    assert manifest["key"] == f"lambda/{manifest['sha256']}.zip"
    assert manifest["bytes"] == (ROOT / "build" / manifest["file"]).stat().st_size
    assert manifest["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert manifest["runtime"] == pythons.runtime(sys.version_info)
    assert str(ROOT) not in json.dumps(manifest)


def test_the_package_is_small(local_package: package.Manifest) -> None:
    assert local_package.bytes <= 5_000_000


def test_entries_contain_nothing_about_the_build_machine(local_package: package.Manifest) -> None:
    with zipfile.ZipFile(ROOT / "build/package.zip") as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        content = b"".join(archive.read(name) for name in names)

        assert names == sorted(names)
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert str(ROOT).encode() not in content


def test_the_package_holds_only_what_functions_need(unpacked: Path) -> None:
    names = [path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()]
    top = {name.split("/")[0] for name in names}

    assert not {"services/functions.json", "services/functions.schema.json"} & set(names)
    assert not [name for name in names if "/tests/" in name or name.endswith(("RECORD", "INSTALLER", ".pyi"))]
    assert not top & {"boto3", "s3transfer", "pytest", "tests", "scripts", "bin"}


def test_the_package_holds_the_console_as_one_built_page(unpacked: Path) -> None:
    assert {path.name for path in (unpacked / "services/console").iterdir()} == {"page.json", "reference"}


@pytest.mark.parametrize(
    ("page", "place"),
    [(console.page, "show_console.BUILT"), (event_page.page, "describe_api.EVENT_PAGE")],
)
def test_a_function_finds_the_page_that_the_build_has_rendered(
    unpacked: Path, page: Callable[[], str], place: str
) -> None:
    module, name = place.split(".")
    program = (
        f"from services.api import {module}\n"
        "from services.api.built_page import built_page\n"
        f"print(built_page({module}.{name}).tag)"
    )
    variables = {"ENVIRONMENT": "test", "API_TYPE": "http", "POWERTOOLS_SERVICE_NAME": module}

    tag = run_inside(unpacked, program, **variables).strip()

    assert tag == json.loads(page())["tag"]


def test_the_package_is_built_again_when_the_events_have_changed(
    local_package: package.Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(event_page.ASYNCAPI.read_text(encoding="utf-8"))
    document["info"]["description"] = "Other events"
    changed = tmp_path / "asyncapi.json"
    changed.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(event_page, "ASYNCAPI", changed)

    manifest = package.build(Platform.local(), tmp_path / "build")

    assert manifest.sha256 != local_package.sha256


def test_the_package_holds_licences_and_versions_of_the_libraries(unpacked: Path) -> None:
    information = list(unpacked.glob("*.dist-info"))

    assert len(information) > 5
    for folder in information:
        assert "\nVersion: " in (folder / "METADATA").read_text()
        assert [path for path in folder.rglob("*") if path.name.upper().startswith(("LICEN", "COPYING"))]


def test_every_module_is_compiled_with_an_unchecked_hash(unpacked: Path) -> None:
    compiled = list(unpacked.rglob("*.pyc"))
    sources = {path.relative_to(unpacked) for path in unpacked.rglob("*.py")}

    assert len(compiled) > 300
    for path in compiled:
        header = path.read_bytes()[:8]
        assert header[4:] == b"\x01\0\0\0", f"{path} is not of the unchecked-hash kind"
    assert {path.parts[0] for path in sources} == {"services"}
    for source in sources:
        assert list((unpacked / source).parent.glob(f"__pycache__/{source.stem}.*.pyc"))


def test_compiled_libraries_name_lambdas_folder_as_their_source(unpacked: Path) -> None:
    program = "import jmespath.parser as p; print(p.Parser.parse.__code__.co_filename)"
    assert run_inside(unpacked, program).strip() == "/var/task/jmespath/parser.py"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_handler_imports_from_the_package_alone(unpacked: Path, function: str) -> None:
    module, _, name = FUNCTIONS[function]["handler"].rpartition(".")
    program = f"import {module}; assert callable({module}.{name}); print({module}.__file__)"
    variables = dict.fromkeys(FUNCTIONS[function]["environment"], "a-name")
    common = {"ENVIRONMENT": "test", "POWERTOOLS_SERVICE_NAME": function}

    found = run_inside(unpacked, program, **variables, **common)

    assert Path(found.strip()).is_relative_to(unpacked)


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


def test_the_package_for_aws_is_for_arm_and_its_python(tmp_path: Path) -> None:
    manifest = package.build(Platform.aws(), tmp_path)
    with zipfile.ZipFile(tmp_path / manifest.file) as archive:
        (native,) = [name for name in archive.namelist() if name.endswith(".so")]
        machine = archive.read(native)[18:20]
        compiled = [name for name in archive.namelist() if name.endswith(".pyc")]

    assert (manifest.runtime, manifest.architecture, manifest.system) == ("python3.13", "arm64", "linux")
    assert manifest.bytes <= 5_000_000
    assert "cpython-313-aarch64-linux" in native
    assert machine == b"\xb7\x00"  # e_machine of ELF: EM_AARCH64
    assert bool(compiled) == (manifest.bytecode is not None)


def test_the_package_holds_the_sources_if_no_compiler_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("scripts.build.bytecode.find_interpreter", lambda version: None)
    said: list[str] = []

    manifest = package.build(Platform.local(), tmp_path, said.append)
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        names = archive.namelist()

    assert manifest.bytecode is None
    assert any("slower" in line for line in said)
    assert "botocore/session.py" in names
    assert not [name for name in names if name.endswith(".pyc")]


@pytest.mark.parametrize(
    "wrong", [{"python": "2.7"}, {"python": "3.x"}, {"architecture": "sparc"}, {"python": "3.10"}]
)
def test_an_impossible_target_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Failure):
        Platform.local(**wrong)
