"""Delivery to AWS, for which an emulator that uses TLS and enforces policies stands in.

Terraform runs with AWS's own variables (`target = aws`); only the provider's endpoint is given from outside.
"""

import dataclasses
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.ports import free_port
from scripts.build import package
from scripts.build.platforms import Platform
from scripts.clouds.clients import client, local_environment
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.aws.account import Account
from scripts.deployments.aws.smoke import smoke_test
from scripts.deployments.aws.state_bucket import bucket_name
from scripts.deployments.aws.versions import live_versions, releases
from scripts.deployments.rollback import rollback
from scripts.deployments.target import Target
from scripts.documents.rights.calls import LOGGING, logged, unknown
from tests.harness.emulated_aws import ENVIRONMENT, Aws
from tests.harness.faults import denied, quick_retries
from tests.harness.verifying import Verification
from tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifest of a package that works, on the emulator's Python."""
    package.build(Platform.local(), ROOT / "build")
    folder = tmp_path_factory.mktemp("working")
    for name in ("manifest.json", "package.zip"):
        shutil.copy(ROOT / "build" / name, folder)
    return folder / "manifest.json"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, working: Path) -> Path:
    """The manifest of a package in which no function starts."""
    folder = tmp_path_factory.mktemp("broken")
    with zipfile.ZipFile(folder / "package.zip", "w") as archive:
        archive.writestr("services/__init__.py", "raise RuntimeError('broken release')\n")
    manifest = {**json.loads(working.read_text()), "key": "lambda/broken.zip", "sha256": "broken"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder / "manifest.json"


@pytest.fixture(scope="module")
def aws(cloud_folder: Path, monkeypatch_module: pytest.MonkeyPatch) -> Iterator[Aws]:
    cloud = EmbeddedCloud(free_port(), cloud_folder / "as-aws", tied=True, tls=True)
    cloud.start()
    try:
        for name, value in local_environment(cloud.endpoint).items():
            monkeypatch_module.setenv(name, value)
        monkeypatch_module.setenv("AWS_CA_BUNDLE", str(cloud.certificate))
        # Terraform logs its calls, for the last test.
        for name, value in (LOGGING | {"TF_LOG_PATH": str(cloud_folder / "terraform.log")}).items():
            monkeypatch_module.setenv(name, value)
        account = Account(
            "000000000000", "us-east-1", lambda service: client(service, cloud.endpoint, cloud.certificate)
        )
        yield Aws(cloud, account, cloud_folder / "delivery")
    finally:
        cloud.stop()


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def deployed(aws: Aws, working: Path) -> dict[str, Any]:
    """The outputs of the first deployment, which all tests of this module use."""
    delivery = aws.delivery(working)
    assert {change.action for change in delivery.plan()} == {"create"}
    delivery.deploy()
    return aws.deployment(working).outputs()


def test_the_state_bucket_is_versioned_encrypted_and_private(aws: Aws, deployed: dict[str, Any]) -> None:
    s3, bucket = aws.account.client("s3"), bucket_name(aws.account)
    state = s3.head_object(Bucket=bucket, Key=f"{ENVIRONMENT}/task-manager.tfstate")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    (denial,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]

    assert state["ContentLength"] > 1000
    # The state asks for no encryption of its own: AWS then applies the bucket's.
    assert state.get("ServerSideEncryption", "aws:kms") == "aws:kms"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(blocked.values())
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_second_plan_is_empty_and_needs_no_right_to_write(
    aws: Aws, deployed: dict[str, Any], working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = aws.account.client("iam")
    iam.create_user(UserName="planner")
    writes = ["s3:Put*", "s3:Delete*", "s3:CreateBucket", "dynamodb:Put*", "lambda:Update*", "kms:Encrypt"]
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": writes, "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="planner", PolicyName="reads", PolicyDocument=policy)
    key = iam.create_access_key(UserName="planner")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=aws.account.region)
    planner = dataclasses.replace(
        aws.account,
        client=lambda service: session.client(
            service, endpoint_url=aws.cloud.endpoint, verify=str(aws.cloud.certificate)
        ),
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        planner.client("s3").put_object(Bucket=bucket_name(aws.account), Key="x", Body=b"")

    reader = Aws(aws.cloud, planner, aws.folder)

    assert reader.delivery(working).plan(only=True) == []
    # Nor does a deployment write to the bucket of all environments, once that is complete.
    reader.deployment(working).prepare()


@pytest.fixture
def verification(aws: Aws, deployed: dict[str, Any], tmp_path: Path) -> Verification:
    outputs = deployed | {"api_url": aws.api_url(deployed)}
    return Verification(outputs, aws.cloud.endpoint, tmp_path, aws.cloud.certificate)


def test_verify_passes_all_but_what_the_emulator_lacks(
    aws: Aws, deployed: dict[str, Any], verification: Verification
) -> None:
    # Somebody has already tried the README's first calls.
    aws.api(deployed).post("/tasks", json={"title": "Water the plants", "userId": "ada"}).raise_for_status()

    with quick_retries(Target(deployed, aws.account.client), "feed"):
        verified = verification.run()

    assert verified.names("failed") == [], verified.failures()
    # The emulator's policy simulator ignores the context of a call.
    assert verified.names("not verified") == [
        "rights: a function uses the key only through the services of its rights"
    ]
    assert verified.exit_code == 2
    assert {name.split(":")[0] for name in verified.names("passed")} == {
        *("deployment", "api", "events", "approval", "rights", "operators", "cleanup")
    }
    assert "callers: not applicable: authentication is off" in verified.shown
    assert re.search(r"dev: 3\d\d passed, 1 not verified", verified.shown)


def test_verify_names_the_right_that_a_function_lost(
    aws: Aws, deployed: dict[str, Any], verification: Verification
) -> None:
    with denied(Target(deployed, aws.account.client), "on_created", "dynamodb:UpdateItem"):
        verified = verification.run(only="deployment,events,rights", wait="12")

    assert verified.exit_code == 1
    lost = "rights: a function may do what the map says and nothing else"
    assert f"{lost} [on_created]" in verified.names("failed")
    assert f"{lost} [on_updated]" in verified.names("passed")
    assert "{'missing': ['statistics_table dynamodb:UpdateItem'], 'too much': []}" in verified.failures()
    # The consequences are reported by what was expected.
    assert {
        "events: statistics count created and completed tasks",
        "events: notifications carry the event",
    } <= {*verified.names("failed")}
    assert "3 created, 2 completed within 6 s" in verified.failures()
    assert "'created': 0" in verified.failures()


def test_a_release_that_fails_its_smoke_test_is_rolled_back(
    aws: Aws, deployed: dict[str, Any], broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = live_versions(aws.account.client, deployed)
    delivery = aws.delivery(broken)
    delivery.plan()

    with monkeypatch.context() as patch:
        patch.setattr("scripts.deployments.aws.smoke.SECONDS", 3.0)
        with pytest.raises(Failure, match=r"smoke test.*\n  Rolled back: \d+ functions are at"):
            delivery.deploy()

    assert live_versions(aws.account.client, deployed) == before
    newest, previous = releases(aws.account.client, deployed)
    assert previous == before
    assert all(int(newest[name]) > int(previous[name]) for name in before)
    with aws.api(deployed) as api:
        smoke_test(api)


def test_rollback_goes_one_release_back(
    aws: Aws, deployed: dict[str, Any], working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = live_versions(aws.account.client, deployed)
    newer = aws.deployment(working, log_level="INFO", lambda_memory_size=640)
    newer.prepare()
    newer.plan()
    newer.apply()
    assert live_versions(aws.account.client, deployed) != good

    changed = rollback(Target(deployed, aws.account.client))

    # By its record, the release before is the broken one: a second rollback returns to the good one.
    assert set(changed) == set(good)
    rollback(Target(deployed, aws.account.client))
    assert live_versions(aws.account.client, deployed) == good
    with pytest.raises(Failure, match="no previous release"):
        rollback(Target(deployed, aws.account.client))
    with aws.api(deployed) as api:
        smoke_test(api)


def test_protected_data_is_destroyed_only_after_unprotecting_it(
    aws: Aws, deployed: dict[str, Any], working: Path
) -> None:
    delivery = aws.delivery(working)
    with aws.api(deployed) as api:
        api.post("/tasks", json={"title": "a", "userId": "u", "priority": "high"}).raise_for_status()
    stepfunctions, machine = aws.account.client("stepfunctions"), deployed["approval_state_machine_arn"]

    def running() -> Any:
        return stepfunctions.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]

    eventually(running, "an approval that waits")
    with pytest.raises(Failure, match="is protected"):
        delivery.destroy(unprotect=False)
    assert running()
    deployment = aws.deployment(working)
    with pytest.raises(Failure, match=r"terraform_data\.protection"):
        deployment.destroy(refresh=False)
    with pytest.raises(Exception, match="deletion protection"):
        aws.account.client("dynamodb").delete_table(TableName=deployed["table_names"]["tasks"])

    delivery.destroy(unprotect=True)

    assert deployment.outputs() == {}
    assert aws.account.client("dynamodb").list_tables()["TableNames"] == []


def test_the_roles_of_ci_have_a_right_for_every_call_of_terraform(cloud_folder: Path, aws: Aws) -> None:
    """Of all tests above: plans, applies, updates, destroys. Add new calls to documents/rights/calls.json."""
    calls = list(logged(cloud_folder / "terraform.log"))
    assert len({call.name for call in calls}) > 100
    assert unknown(calls) == set()
