"""Which certificate authorities functions trust, and how they are configured to."""

import ssl
from collections.abc import Callable
from pathlib import Path

import botocore
import pytest

from scripts.base.failure import Failure
from scripts.bench.measure import OUR_ENVIRONMENT
from scripts.build.authorities import FILE, FINGERPRINTS, write_amazon_authorities
from tests.harness.plan import Plan

BROWSERS = Path(botocore.__file__).parent / "cacert.pem"


def variables(plan: Plan, function: str) -> dict[str, str]:
    resource = plan.one(f'module.function["{function}"].aws_lambda_function.this')
    return dict(resource.values["environment"][0]["variables"])


def test_amazons_roots_are_in_the_package(unpacked: Path) -> None:
    context = ssl.create_default_context(cafile=str(unpacked / FILE))
    organisations = {
        dict(part[0] for part in root["subject"])["organizationName"] for root in context.get_ca_certs()
    }

    assert len(context.get_ca_certs()) == len(FINGERPRINTS)
    assert organisations == {"Amazon", "Starfield Technologies, Inc."}


def test_a_root_that_botocore_no_longer_trusts_is_named(tmp_path: Path) -> None:
    write_amazon_authorities(BROWSERS, tmp_path / "roots.pem")
    without = (tmp_path / "roots.pem").read_text().partition("# Amazon Root CA 4")[0]
    (tmp_path / "fewer.pem").write_text(without)

    with pytest.raises(Failure, match="Amazon Root CA 4, Starfield"):
        write_amazon_authorities(tmp_path / "fewer.pem", tmp_path / "none.pem")


def test_functions_on_aws_trust_amazon_only(aws_plan: Plan) -> None:
    assert variables(aws_plan, "create_task")["AWS_CA_BUNDLE"] == f"/var/task/{FILE}"


def test_functions_on_local_clouds_trust_the_default_authorities(plan_for: Callable[[str], Plan]) -> None:
    assert "AWS_CA_BUNDLE" not in variables(plan_for("local"), "create_task")


def test_the_benchmark_sets_the_variables_that_terraform_sets(aws_plan: Plan) -> None:
    # The bench adds the canned services' authority to the bundle, under the same variable.
    assert {*OUR_ENVIRONMENT, "AWS_CA_BUNDLE"} == set(variables(aws_plan, "create_task"))
