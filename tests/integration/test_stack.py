"""The stack as a whole: Terraform sees no drift, and new code needs none of it."""

import hashlib
import json
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx

from scripts.build.package import OUT, Manifest
from scripts.deployments.aws.versions import live_versions
from scripts.deployments.code import put_code, runs_code
from scripts.deployments.rollback import rollback
from scripts.deployments.target import Target
from tests.harness.stack import DeployedStack
from tests.integration.conftest import changes_stack

pytestmark = changes_stack


def test_a_second_plan_is_empty(stack: DeployedStack) -> None:
    assert stack.application.plan() == []


def test_new_code_is_called_without_an_apply_and_the_next_apply_agrees(
    stack: DeployedStack, api: httpx.Client, tmp_path: Path
) -> None:
    client = cache(stack.client)
    names, bucket = stack.outputs["function_names"], stack.outputs["code_bucket"]
    deployed = Manifest(**json.loads((OUT / "manifest.json").read_text()))
    changed = with_change(deployed, tmp_path / "changed.zip", "describe_api", "no-cache", "no-store")
    assert api.get("/openapi.json").headers["cache-control"] == "no-cache"
    before = live_versions(client, stack.outputs)

    versions = put_code(client, names, bucket, changed, tmp_path / "changed.zip")

    assert api.get("/openapi.json").headers["cache-control"] == "no-store"
    assert runs_code(client, names, changed)
    assert not runs_code(client, names, deployed)
    assert live_versions(client, stack.outputs) == versions
    assert rollback(Target(stack.outputs, client)) == before
    assert api.get("/openapi.json").headers["cache-control"] == "no-cache"
    put_code(client, names, bucket, deployed, OUT / deployed.file)
    stack.application.mend()
    assert runs_code(client, names, deployed)
    assert stack.application.plan() == []


def with_change(manifest: Manifest, package: Path, module: str, old: str, new: str) -> Manifest:
    """Write a package in which a module of the API has a text replaced."""
    source, compiled = f"services/api/{module}.py", f"services/api/__pycache__/{module}."
    with zipfile.ZipFile(OUT / manifest.file) as whole, zipfile.ZipFile(package, "w") as output:
        for entry in whole.infolist():
            content = whole.read(entry)
            if entry.filename == source:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            if not entry.filename.startswith(compiled):
                output.writestr(entry, content)
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    return replace(manifest, sha256=sha256, key=f"lambda/{sha256}.zip")
