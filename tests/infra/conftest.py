"""Terraform on a copy of infra/, with plans for each kind of cloud."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from scripts.build import package
from scripts.build.platforms import Platform
from scripts.terraform import Terraform
from scripts.terraform.offline import OfflineProject, offline_project
from tests.harness.plan import Plan

RunPlan = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineProject]:
    """A copy of the files that Terraform reads, with a placeholder for the package."""
    with offline_project(tmp_path_factory.mktemp("project")) as copy:
        yield copy


@pytest.fixture(scope="session")
def terraform(project: OfflineProject) -> Terraform:
    """Terraform, ready to plan."""
    return project.terraform


@pytest.fixture(scope="session")
def run_plan(project: OfflineProject) -> RunPlan:
    """Runs `terraform plan` with arguments."""
    return project.plan


@pytest.fixture(scope="session")
def plan_for(
    project: OfflineProject, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str
) -> Callable[..., Plan]:
    """The plan of an environment (local, dev or prod), with arguments that override its values.

    `override` is HCL that replaces parts of the configuration. Each plan is made once a run, by the first
    worker that needs it.
    """
    shared = tmp_path_factory.getbasetemp().parent / f"plans-{testrun_uid}"
    shared.mkdir(exist_ok=True)

    @cache
    def planned(environment: str, *arguments: str, override: str = "") -> Plan:
        key = hashlib.sha256("\0".join((override, environment, *arguments)).encode()).hexdigest()
        with (shared / key).open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = file.read()
            if not content:
                with project.overridden(override):
                    content = json.dumps(project.planned(environment, *arguments))
                file.write(content)
        return Plan(json.loads(content))

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
    return package.build(Platform.local(), ROOT / "build")


@pytest.fixture(scope="session")
def unpacked(local_package: package.Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's content, as Lambda would see it."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(ROOT / "build" / local_package.file, folder)
    return folder


def minimal_environment(**variables: str) -> dict[str, str]:
    """Environment variables: those that a process needs to start, and the given ones."""
    return {"PATH": os.defpath, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **variables}
