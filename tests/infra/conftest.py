"""Terraform on a copy of infra/, with plans for each kind of cloud."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts import package
from scripts.environment import ROOT
from scripts.packaging.target import Target
from scripts.terraform.binary import terraform_command
from scripts.terraform.runner import Terraform, surroundings
from tests.infra.identity import identity_service
from tests.infra.plan import Plan

FUNCTIONS: dict[str, Any] = json.loads((ROOT / "services/functions.json").read_text(encoding="utf-8"))

# To plan, Terraform wants a state: an empty one on the disk does.
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'

RunPlan = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what Terraform reads, with a package in name only."""
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "*_override.tf")
    shutil.copytree(ROOT / "infra", folder / "infra", ignore=ignored)
    (folder / "infra/backend_override.tf").write_text(LOCAL_STATE)
    (folder / "services").mkdir()
    shutil.copy(ROOT / "services/functions.json", folder / "services")
    (folder / "build").mkdir()
    (folder / "build/package.zip").write_bytes(b"")
    manifest = {
        "key": "lambda/0.zip",
        "file": "package.zip",
        "runtime": "python3.13",
        "architecture": "arm64",
    }
    (folder / "build/manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def terraform(project: Path) -> Terraform:
    """Terraform, ready to plan."""
    ready = Terraform(project / "infra", project / "work")
    ready.init({})
    return ready


@pytest.fixture(scope="session")
def run_plan(project: Path, terraform: Terraform) -> Iterator[RunPlan]:
    """Runs `terraform plan` with arguments."""
    with identity_service() as url:
        settings = surroundings(project / "infra", project / "work", local=True)
        settings |= {"AWS_ENDPOINT_URL": url}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [*terraform_command(), "plan", "-input=false", "-no-color", "-lock=false"]
            command += ["-var", f"aws_endpoint={url}", "-var", "api_type=http", *arguments]
            return subprocess.run(
                command, cwd=project / "infra", env=settings, capture_output=True, text=True
            )

        yield run


@pytest.fixture(scope="session")
def plan_for(project: Path, run_plan: RunPlan) -> Callable[[str], Plan]:
    """The plan of an environment: local, dev or prod."""

    @cache
    def planned(environment: str) -> Plan:
        file = project / f"{environment}.tfplan"
        done = run_plan(f"-var-file=env/{environment}.tfvars", f"-out={file}")
        assert done.returncode == 0, done.stderr
        shown = subprocess.run(
            [*terraform_command(), "show", "-json", str(file)],
            cwd=project / "infra",
            env=surroundings(project / "infra", project / "work", local=True),
            capture_output=True,
            check=True,
        )
        return Plan(json.loads(shown.stdout))

    return planned


@pytest.fixture(scope="session", params=["local", "prod"])
def plan(request: pytest.FixtureRequest, plan_for: Callable[[str], Plan]) -> Plan:
    """The plan for the local cloud, then for AWS."""
    return plan_for(request.param)


@pytest.fixture(scope="session")
def aws_plan(plan_for: Callable[[str], Plan]) -> Plan:
    """The plan for production."""
    return plan_for("prod")


@pytest.fixture(scope="session")
def local_package() -> package.Manifest:
    """The package for this machine, in build/."""
    return package.build(Target.local(), ROOT / "build")


@pytest.fixture(scope="session")
def unpacked(local_package: package.Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's content, as Lambda would see it."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(ROOT / "build" / local_package.file, folder)
    return folder


def minimal_environment(**variables: str) -> dict[str, str]:
    """Nothing of this machine's but what a process needs to start."""
    return {"PATH": os.defpath, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **variables}
