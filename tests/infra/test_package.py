"""The package: reproducible, complete, small and self-contained."""

import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.base import pythons
from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.build import console, event_page, package
from scripts.build.platforms import Platform
from tests.harness.function_map import FUNCTIONS
from tests.infra.packaged import run_inside


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


# Prints what handlers import of libraries and the local cloud has not imported before it forks.
NOT_SHARED = f"""
import importlib
sys.path.insert(0, {str(ROOT)!r})
from scripts.clouds.fork_server import import_libraries
del sys.path[0]
package = sys.path[-1]
import_libraries(package)
before = set(sys.modules)
for handler in sys.stdin.read().split():
    importlib.import_module(handler)
new = [name for name in set(sys.modules) - before if name.partition(".")[0] != "services"]
print(sorted(name for name in new if package in (getattr(sys.modules[name], "__file__", None) or "")))
"""


def test_the_local_cloud_has_the_libraries_of_all_handlers_before_it_forks(unpacked: Path) -> None:
    documents = "describe_api"  # its framework is large, and no other function's
    handlers = [one["handler"].rpartition(".")[0] for name, one in FUNCTIONS.items() if name != documents]
    variables = {"ENVIRONMENT": "test", "POWERTOOLS_SERVICE_NAME": "test"}

    assert run_inside(unpacked, NOT_SHARED, given=" ".join(handlers), **variables) == "[]\n"


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
