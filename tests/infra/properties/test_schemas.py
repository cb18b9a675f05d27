"""Checks planned resources with cfn-lint, against AWS's schemas of CloudFormation's types."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.base.environment import ensure_environment
from scripts.base.paths import REQUIREMENTS, ROOT
from tests.harness.fetching import skipped_without
from tests.harness.plan import Plan
from tests.infra.properties.cloudformation import TYPES, translated

ENVIRONMENT = ROOT / ".local/schemas/environment"

# cfn-lint's rules about templates as such, and not about what AWS accepts.
ABOUT_TEMPLATES = {
    "E3010": "a template has 500 resources at most; here several deployments are in one",
    "E3019": "several deployments in one template have names in common",
    "E3601": "a plan does not know the definition; statelint reads it in test_approval.py",
    "I3011": "deletion policies are CloudFormation's own",
    "I3013": "retention is asked for where it is set by other means",
    "I3042": "ARNs are fixed here, because a plan has them resolved",
    "W2530": "Terraform publishes versions by itself",
    "W3005": "an order of creation is CloudFormation's own",
    "W3011": "replacement policies are CloudFormation's own",
}


@pytest.fixture(scope="session")
def cfn_lint() -> Path:
    """The linter, in its own environment. Skips where it cannot be fetched; fails in CI."""
    with skipped_without("cfn-lint"):
        ensure_environment(ENVIRONMENT, REQUIREMENTS / "schemas.txt")
    return ENVIRONMENT / "bin/cfn-lint"


def findings(cfn_lint: Path, folder: Path, resources: dict[str, Any]) -> list[str]:
    """The resources' violations of the schemas, as `address: rule and message`."""
    addresses = {f"R{number}": address for number, address in enumerate(resources)}
    template = folder / "template.json"
    body = dict(zip(addresses, resources.values(), strict=True))
    template.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": body}))
    command = [str(cfn_lint), "--format", "json", "--regions", "us-east-1"]
    command += [word for rule in ABOUT_TEMPLATES for word in ("--ignore-checks", rule)]
    done = subprocess.run([*command, "--", str(template)], capture_output=True, text=True)
    assert done.stdout.strip(), done.stderr
    return [
        f"{addresses.get(_logical_id(found), 'template')}: {found['Rule']['Id']} {found['Message']}"
        for found in json.loads(done.stdout)
    ]


def _logical_id(found: dict[str, Any]) -> str:
    path = found["Location"]["Path"] or [None, ""]
    return str(path[1]) if len(path) > 1 else ""


def test_every_flavour_satisfies_cloudformations_schemas(
    cfn_lint: Path, tmp_path: Path, flavour_plans: dict[str, Plan]
) -> None:
    # Most resources are the same in several flavours: each is checked once.
    distinct: dict[str, tuple[str, Any]] = {}
    for name, plan in flavour_plans.items():
        for address, resource in translated(plan.resources):
            distinct.setdefault(json.dumps(resource, sort_keys=True), (f"{name}: {address}", resource))
    resources = dict(distinct.values())

    assert {resource["Type"] for resource in resources.values()} == {kind for kind, _ in TYPES.values()}
    assert findings(cfn_lint, tmp_path, resources) == []


def test_invalid_values_and_combinations_are_reported(cfn_lint: Path, tmp_path: Path) -> None:
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1}
    metric = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Period": 60, "Statistic": "Sum"}
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("taskId", "status")]
    table = {"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": names}
    wrong = {
        "an unknown value": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {**alarm, **metric, "TreatMissingData": "shrug"},
        },
        "a missing part": {
            "Type": "AWS::Events::Rule",
            "Properties": {"State": "ENABLED", "Targets": [{"Id": "queue"}]},
        },
        "an attribute that is no key": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {**table, "KeySchema": [{"AttributeName": "taskId", "KeyType": "HASH"}]},
        },
    }

    found = findings(cfn_lint, tmp_path, wrong)

    assert {line.partition(":")[0] for line in found} == set(wrong)
