"""The Terraform configuration: formatted, valid, and strict about its variables."""

import json
import re
from pathlib import Path

import pytest

from scripts.base import pythons
from scripts.base.paths import ROOT
from scripts.documents.variables import source
from scripts.terraform.hcl import blocks, parsed
from scripts.terraform.offline import MANIFEST, OfflineProject
from scripts.terraform.runner import Terraform
from tests.harness.plan import complaint_of, set_to
from tests.infra.conftest import Complaint

INFRA = ROOT / "infra"


def test_the_files_are_formatted(tmp_path: Path) -> None:
    assert Terraform(INFRA, tmp_path).format(check=True) == []


def test_the_configuration_is_valid(terraform: Terraform) -> None:
    terraform.validate()


@pytest.mark.parametrize("kind", ["variable", "output"])
def test_every_variable_and_output_is_described(kind: str) -> None:
    for file in INFRA.rglob("*.tf"):
        for name, body in blocks(file.read_text(encoding="utf-8"), kind):
            assert body.get("description"), f"{file.name}: {name}"
            assert kind == "output" or body.get("type"), f"{file.name}: {name}"


@pytest.mark.parametrize("name", ["local", "dev", "prod", "preview"])
def test_environment_files_set_variables_that_exist(name: str) -> None:
    used = parsed((INFRA / f"env/{name}.tfvars").read_text(encoding="utf-8"))
    assert used.keys() <= dict(blocks(source(), "variable")).keys()


@pytest.mark.parametrize("name", ["local", "dev", "prod", "preview"])
def test_environment_files_keep_the_rules_of_variables(complaint: Complaint, name: str) -> None:
    assert not complaint(f"-var-file={name}.tfvars")


WRONG: list[dict[str, str]] = [
    {
        "alarm_email": "nobody",
        "api_certificate_arn": "arn",
        "approval_timeout_action": "shrug",
        "approval_timeout_seconds": "0",
        "api_throttling_burst_limit": "0",
        "api_throttling_rate_limit": "0",
        "api_type": "carrier-pigeon",
        "aws_endpoint": "localhost",
        "aws_region": "here",
        "cloudwatch_retention_days": "2",
        "cors_allowed_headers": '["B3, X"]',
        "cors_allowed_origins": '["https://Example.com"]',
        "environment": "Prod!",
        "feed_shards": "0",
        "event_archive_days": "-1",
        "lambda_memory_size": "64",
        "lambda_reserved_concurrency": "{get_task=-1}",
        "lambda_timeout_seconds": "60",
        "live_versions": '{get_task="$LATEST"}',
        "log_level": "LOUD",
        "monitoring": "fat",
        "notification_email": "nobody",
        "package_manifest": "nowhere.json",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/one",
        "project_name": "X",
        "retention_days": "0",
        "status_shards": "1.5",
        "stream_parallelization_factor": "11",
        "target": "moon",
    },
    # Names that AWS would refuse.
    {"environment": "aws", "project_name": "my-cognito"},
    {"project_name": "sthree-tasks"},
    # Checked together with other variables, so only where those are valid.
    {
        "api_domain_name": "https://api.example.com",
        "backup_retention_days": "-1",
        "deployment_preference": "sideways",
        "lambda_architecture": "mips",
        "waf_rate_limit": "1",
    },
]


@pytest.mark.parametrize(
    "wrong", WRONG, ids=["alone", "reserved-words", "reserved-prefixes", "beside-others"]
)
def test_invalid_values_are_refused_and_their_variables_named(
    complaint: Complaint, wrong: dict[str, str]
) -> None:
    assert set(re.findall(r'variable "(\w+)"', complaint(*set_to(**wrong)))) == set(wrong)


def test_the_provider_is_told_a_local_cloud_without_a_block_that_it_checks_for_seconds() -> None:
    providers = (INFRA / "providers.tf").read_text()

    assert re.search(r'^\s*(dynamic "endpoints"|endpoints) {', providers, re.MULTILINE) is None


def test_local_retry_intervals_are_refused_on_aws(complaint: Complaint) -> None:
    said = complaint("-var-file=prod.tfvars", *set_to(local_retry_seconds="5"))
    assert "local_retry_seconds must be positive, and is for local clouds only" in said


def test_lean_monitoring_is_refused_where_alarms_roll_a_deployment_back(complaint: Complaint) -> None:
    assert 'requires monitoring = "full"' in complaint("-var-file=prod.tfvars", *set_to(monitoring="lean"))


INCOMPATIBLE: list[tuple[dict[str, str], list[str]]] = [
    (
        {
            "api_domain_name": "api.example.com",
            "backup_retention_days": "35",
            "deployment_preference": "canary",
            "lambda_architecture": "x86_64",
            "lambda_reserved_concurrency": "{on_created=1, on_crated=2}",
            "waf_rate_limit": "2000",
        },
        [
            "set both or neither",
            "backup_retention_days is for AWS only",
            "local clouds have no CodeDeploy",
            "built for another lambda_architecture",
            "or at least 2",
            "must name functions of services/functions.json",
            "WAF does not support HTTP APIs",
        ],
    ),
    ({"api_hosted_zone_id": "Z123"}, ["requires api_domain_name"]),
]


@pytest.mark.parametrize(("values", "complaints"), INCOMPATIBLE, ids=["many", "zone"])
def test_incompatible_values_are_refused(
    complaint: Complaint, values: dict[str, str], complaints: list[str]
) -> None:
    said = complaint(*set_to(target="local", **values))
    assert [each for each in complaints if each not in said] == []


def test_the_provider_knows_no_runtime_newer_than_the_one_in_use(
    project: OfflineProject, tmp_path: Path
) -> None:
    """Every other plan uses that one. When this fails, scripts/base/pythons.py may name a newer one."""
    major, minor = pythons.NEWEST_RUNTIME
    later = pythons.name((major, minor + 1))
    (tmp_path / "package.zip").touch()
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST | {"runtime": later}))

    done = project.plan("-var", "target=local", "-var", f"package_manifest={tmp_path / 'manifest.json'}")

    assert done.returncode != 0
    assert MANIFEST["runtime"] == pythons.name(pythons.NEWEST_RUNTIME)
    assert "expected runtime to be one of" in complaint_of(done)
    assert later in done.stderr
